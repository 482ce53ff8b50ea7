-- Timelines as pictures: a lane a task or thread, waiting hollow, working
-- solid, all charts on one axis of time. The lines are those of `lab run
-- --tsv`; harness/timeline.h is their manual.

local escape = require 'escape'

local timeline = {}

local WIDTH, ROW, BAR = 664, 22, 14
local LETTER, SMALL = 7.6, 7 -- how wide a letter may be, at 13 and at 12 px
local MOST_NAME, MOST_WORDS = 24, 26 -- letters beside a lane; more are cut

local readers = {}

function readers.chart(all, fields)
    if not fields[2] then
        return 'a chart without a title'
    end
    all[#all + 1] = { title = fields[2], lanes = {}, notes = {} }
end

function readers.lane(all, fields)
    local chart = all[#all]
    if not chart.title then
        return 'a lane before the first chart'
    elseif not fields[2] then
        return 'a lane without a name'
    end
    chart.lanes[#chart.lanes + 1] = { name = fields[2], words = fields[3], spans = {} }
end

function readers.wait(all, fields)
    local lanes = all[#all].lanes
    local from, to = tonumber(fields[2]), tonumber(fields[3])
    if #lanes == 0 then
        return 'a span before the first lane'
    elseif not from or not to or from < 0 or to < from then
        return 'a span wants a start and an end, in seconds'
    end
    local spans = lanes[#lanes].spans
    spans[#spans + 1] = { kind = fields[1], from = from, to = to, label = fields[4] }
end

readers.work = readers.wait

function readers.note(all, fields)
    if not fields[2] then
        return 'a note without words'
    end
    local notes = all[#all].notes
    notes[#notes + 1] = fields[2]
end

-- The charts of such lines; the first one, without a title, holds what
-- stands on top. Or nil, the number of a wrong line and what is wrong.
function timeline.read(lines)
    local all = { { lanes = {}, notes = {} } }
    for number, line in ipairs(lines) do
        local fields = {}
        for field in (line .. '\t'):gmatch('(.-)\t') do
            fields[#fields + 1] = field
        end
        local wrong = 'no line of a timeline'
        if readers[fields[1]] then
            wrong = readers[fields[1]](all, fields)
        end
        if wrong then
            return nil, number, wrong
        end
    end
    return all
end

-- Drawing -----------------------------------------------------------------

local function letters(text)
    return utf8.len(text) or #text
end

local function shorten(text, most)
    if letters(text) <= most then
        return text
    end
    return text:sub(1, utf8.offset(text, most) - 1) .. '…'
end

local function seconds(time)
    if time < 0.1 then
        return ('%.0f ms'):format(time * 1e3)
    end
    return (time < 10 and '%.2f s' or '%.1f s'):format(time)
end

-- What stands beside a lane, as harness/timeline_draw.c says it.
local function words_of(lane)
    if lane.words and lane.words ~= '' then
        return shorten(lane.words, MOST_WORDS)
    end
    local sum = { work = 0, wait = 0 }
    for _, span in ipairs(lane.spans) do
        sum[span.kind] = sum[span.kind] + span.to - span.from
    end
    if sum.work > 0 and sum.wait > 0 then
        return ('works %.0f %%'):format(100 * sum.work / (sum.work + sum.wait))
    elseif sum.work > 0 then
        return 'works ' .. seconds(sum.work)
    end
    return 'waits ' .. seconds(sum.wait)
end

-- The layout of a picture: how wide its three columns are, and the scale.
local function measure(charts)
    local names, words, last = 0, 0, 0
    for _, chart in ipairs(charts) do
        for _, lane in ipairs(chart.lanes) do
            names = math.max(names, letters(shorten(lane.name, MOST_NAME)))
            words = math.max(words, letters(words_of(lane)))
            for _, span in ipairs(lane.spans) do
                last = math.max(last, span.to)
            end
        end
    end
    local page = { y = 0, out = {}, last = last > 0 and last or 1 }
    page.left = math.ceil(names * LETTER) + 12
    page.right = WIDTH - math.ceil(words * SMALL) - 12
    page.scale = (page.right - page.left) / page.last
    return page
end

local function put(page, form, ...)
    page.out[#page.out + 1] = form:format(...)
end

local function put_text(page, class, x, y, text, more)
    put(page, '<text class="%s" x="%.1f" y="%.1f"%s>%s</text>', class, x, y, more or '', escape(text))
end

local function put_span(page, span)
    local x, width = page.left + span.from * page.scale, (span.to - span.from) * page.scale
    -- No span is so short that it is not seen.
    put(page, '<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%d" rx="2"/>', span.kind, x,
        page.y + (ROW - BAR) / 2, math.max(width, 2), BAR)
    if span.label and letters(span.label) * SMALL + 8 <= width then
        put_text(page, 'in-' .. span.kind, x + width / 2, page.y + ROW / 2 + 4, span.label, ' text-anchor="middle"')
    end
end

-- Waits first: where work lies in a wait, it is seen.
local function put_lane(page, lane)
    put_text(page, 'lane', 0, page.y + ROW / 2 + 4, shorten(lane.name, MOST_NAME))
    put_text(page, 'words', page.right + 12, page.y + ROW / 2 + 4, words_of(lane))
    for _, kind in ipairs { 'wait', 'work' } do
        for _, span in ipairs(lane.spans) do
            if span.kind == kind then
                put_span(page, span)
            end
        end
    end
    page.y = page.y + ROW
end

-- Between two ticks: 1, 2 or 5 times a power of ten; how it is written, and
-- the unit.
local function ticks(page)
    local unit, name = 1, 's'
    if page.last < 1e-3 then
        unit, name = 1e-6, 'µs'
    elseif page.last < 1 then
        unit, name = 1e-3, 'ms'
    end
    local step, i = 1e-9, 0
    while step * page.scale < 60 do
        step = step * (i % 3 == 1 and 2.5 or 2)
        i = i + 1
    end
    local decimals = math.max(0, -math.floor(math.log(step / unit, 10) + 1e-9))
    return step, ('%%.%df'):format(decimals), unit, name
end

local function put_axis(page, top)
    local step, form, unit, name = ticks(page)
    for i = 0, math.floor(page.last / step + 1e-9) do
        local x = page.left + i * step * page.scale
        put(page, '<path class="tick" d="M%.1f %.1fV%.1f"/>', x, top, page.y + 5)
        put_text(page, 'time', x, page.y + 18, i > 0 and form:format(i * step / unit) or '0', ' text-anchor="middle"')
    end
    put(page, '<path class="axis" d="M%.1f %.1fH%.1f"/>', page.left, page.y + .5, page.right)
    put_text(page, 'time', page.right + 12, page.y + 18, name)
    page.y = page.y + 26
end

-- A paragraph, broken into lines; the first one's feet stand at `foot`.
local function put_paragraph(page, class, foot, width, text)
    local line = ''
    for word in text:gmatch('%S+') do
        if line ~= '' and (letters(line) + letters(word) + 1) * width > WIDTH then
            put_text(page, class, 0, page.y + foot, line)
            page.y, line = page.y + 17, ''
        end
        line = line == '' and word or line .. ' ' .. word
    end
    put_text(page, class, 0, page.y + foot, line)
end

local function put_chart(page, chart)
    if chart.title then
        put_paragraph(page, 'chart', 14, LETTER, chart.title)
        page.y = page.y + 22
    end
    local top = page.y
    local lanes = #page.out + 1
    for _, lane in ipairs(chart.lanes) do
        put_lane(page, lane)
    end
    if #chart.lanes > 0 then
        -- The ticks lie below the lanes that they go through.
        local drawn = table.move(page.out, lanes, #page.out, 1, {})
        for i = #page.out, lanes, -1 do
            page.out[i] = nil
        end
        put_axis(page, top)
        table.move(drawn, 1, #drawn, #page.out + 1, page.out)
    end
    for _, note in ipairs(chart.notes) do
        put_paragraph(page, 'words', 12, SMALL, note)
        page.y = page.y + 20
    end
    page.y = page.y + 12
end

local function put_legend(page)
    page.y = page.y + 2
    put(page, '<rect class="wait" x="1" y="%d" width="28" height="%d" rx="2"/>', page.y, BAR)
    put_text(page, 'words', 36, page.y + 11, 'waits')
    put(page, '<rect class="work" x="92" y="%d" width="28" height="%d" rx="2"/>', page.y, BAR)
    put_text(page, 'words', 127, page.y + 11, 'works')
    page.y = page.y + BAR + 3
end

-- The picture of these charts: the inside of an <svg>, its width and height.
function timeline.draw(charts)
    local page = measure(charts)
    for _, chart in ipairs(charts) do
        put_chart(page, chart)
    end
    put_legend(page)
    return table.concat(page.out, '\n'), WIDTH, page.y
end

return timeline
