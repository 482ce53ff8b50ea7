-- Figures: timelines, and pictures drawn by hand, both as SVG in the page, so
-- that they take its colours; and tables with a number.

local complain = require 'complain'
local cut = require 'cut'
local escape = require 'escape'
local labels = require 'labels'
local listing = require 'listing'
local timeline = require 'timeline'

local figure = { used = {} } -- by path: data and pictures that are shown

-- An <svg> that a screen reader tells by its number and its alt text. It is
-- never larger than it was drawn, and never so small that it cannot be read.
local function svg(id, number, alt, box, attributes, inside)
    local name = id:gsub('[^%w]', '-')
    local width = tonumber(box:match('([%d.]+)%s+[%d.]+%s*$')) or 0
    return ([[
<div class="picture" tabindex="0" role="group" aria-label="NUMBER">
<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="NAME-title NAME-desc" viewBox="BOX" STYLE>
<title id="NAME-title">NUMBER</title>
<desc id="NAME-desc">ALT</desc>
INSIDE
</svg>
</div>]]):gsub('%u%u%u+', { NUMBER = number, NAME = name, BOX = box, ALT = escape(alt), INSIDE = inside,
        STYLE = ('style="max-width:%.0fpx;min-width:%.0fpx" %s'):format(width, width * .8, attributes) })
end

-- A figure with this picture: draw(number) gives its HTML, or nil.
local function numbered(chapter, line, id, alt, caption, draw)
    if not id:find('^fig:.') then
        complain.at(chapter.file, line, 'the figure has no name: write #fig:NAME')
        return {}
    end
    local number = chapter:count('figure')
    labels.add(chapter, line, id, 'figure ' .. number, '#' .. id)
    if not alt or not alt:find('%S') then
        complain.at(chapter.file, line, 'the figure has no alt text: say in alt="…" what it shows')
    end
    if #caption == 0 then
        complain.at(chapter.file, line, 'the figure has no caption: write a sentence')
    end
    local picture = draw('Figure ' .. number)
    local inner = picture and { pandoc.RawBlock('html', picture) } or {}
    return listing.figure('figure', id, inner, 'Figure ' .. number .. '.', caption)
end

-- Charts by number, "1 2", of all that have a title; all of them by default.
local function choose(chapter, line, block, all, path)
    local wanted = block.attributes.charts
    if not wanted then
        return all
    end
    local chosen = {}
    for word in wanted:gmatch('%S+') do
        local chart = all[(tonumber(word) or -1) + 1]
        if not chart or word == '0' then
            complain.at(chapter.file, line, 'there is no chart "%s" in %s: it has %d', word, path, #all - 1)
        end
        chosen[#chosen + 1] = chart
    end
    return chosen
end

-- The data of a block: its file's name, and its lines.
local function read_data(chapter, line, block)
    local path = 'book/data/' .. (block.attributes.data or '')
    local lines = block.attributes.data and cut.lines(path)
    figure.used[path] = true
    if not lines then
        complain.at(chapter.file, line, 'there is no data file %s: write data="NAME.tsv", of book/data/', path)
    end
    return path, lines
end

local function draw_timeline(chapter, line, block, number)
    local path, lines = read_data(chapter, line, block)
    if not lines then
        return nil
    end
    local all, wrong_line, wrong = timeline.read(lines)
    if not all then
        complain.at(path, wrong_line, '%s: harness/timeline.h says how its lines look', wrong)
        return nil
    end
    local inside, width, height = timeline.draw(choose(chapter, line, block, all, path))
    return svg(block.identifier, number, block.attributes.alt or '', ('0 0 %d %d'):format(width, height),
        'class="timeline"', inside)
end

function figure.timeline(chapter, line, block)
    local caption = listing.caption(block.text, chapter.format)
    return numbered(chapter, line, block.identifier, block.attributes.alt, caption, function(number)
        return draw_timeline(chapter, line, block, number)
    end)
end

-- Names within a picture become names of the figure's own.
local function own_names(inside, id)
    local prefix = id:gsub('[^%w]', '-') .. '-'
    return (inside:gsub(' id="([^"]*)"', ' id="' .. prefix .. '%1"'):gsub('url%(#', 'url(#' .. prefix)
        :gsub('href="#', 'href="#' .. prefix))
end

local function draw_svg(chapter, line, image, id, number)
    local path = 'book/' .. image.src
    local lines = image.src:find('%.svg$') and cut.lines(path)
    figure.used[path] = true
    if not lines then
        complain.at(chapter.file, line, 'there is no picture %s: draw book/figures/NAME.svg', path)
        return nil
    end
    local text = table.concat(lines, '\n')
    local attributes, inside = text:match('<svg%s*([^>]*)>(.*)</svg>')
    local box = attributes and attributes:match('viewBox="([^"]*)"')
    if not box then
        complain.at(path, 1, 'is no <svg> with a viewBox: give it one, so that it can be scaled')
        return nil
    end
    for name in ('xmlns xmlns:xlink viewBox role width height aria-label style'):gmatch('%S+') do
        attributes = attributes:gsub('%f[%w]' .. name .. '="[^"]*"%s*', '')
    end
    inside = inside:gsub('<title.-</title>%s*', ''):gsub('<desc.-</desc>%s*', '')
    return svg(id, number, image.attributes.alt or '', box, attributes, own_names(inside, id))
end

-- A paragraph that is an image (pandoc 2) or a Figure around one (pandoc 3).
function figure.picture(chapter, image, id, caption)
    local line = complain.block(chapter, id ~= '' and '#' .. id or image.src)
    return numbered(chapter, line, id, image.attributes.alt, caption, function(number)
        return draw_svg(chapter, line, image, id, number)
    end)
end

-- Tables -------------------------------------------------------------------

-- The name that a caption ends with, "{#tbl:NAME}", which pandoc 2 leaves in
-- the text; and the caption without it.
local function table_name(words, attr)
    local last = words[#words]
    local id = last and last.t == 'Str' and last.text:match('^{#(tbl:[^}]+)}$') or attr.identifier
    if last and last.t == 'Str' and last.text:find('^{#') then
        words[#words] = nil
        if words[#words] and words[#words].t == 'Space' then
            words[#words] = nil
        end
    end
    return id or ''
end

local function wide(block)
    return { pandoc.RawBlock('html', '<div class="wide" tabindex="0" role="group" aria-label="Table">'), block,
        pandoc.RawBlock('html', '</div>') }
end

function figure.table(chapter, block)
    local words = pandoc.utils.blocks_to_inlines(block.caption.long)
    if #words == 0 then
        return wide(block)
    end
    local id = table_name(words, block.attr)
    if not id:find('^tbl:.') then
        complain.at(chapter.file, complain.block(chapter, ': ' .. (words[1].text or '')),
            'the table has no name: end its caption with {#tbl:NAME}')
        return {}
    end
    block.caption.long, block.attr = {}, pandoc.Attr()
    local number = chapter:count('table')
    labels.add(chapter, complain.block(chapter, '#' .. id), id, 'table ' .. number, '#' .. id)
    return listing.figure('table', id, wide(block), 'Table ' .. number .. '.', words)
end

local function cells(line)
    local all = {}
    for text in (line .. '\t'):gmatch('(.-)\t') do
        all[#all + 1] = { pandoc.Plain(text) }
    end
    return all
end

-- The rows of a table: a head, and as many cells in each. Then what is to be
-- on the right: the columns of numbers alone.
local function read_rows(path, lines)
    local rows, aligned = {}, {}
    for number, line in ipairs(lines) do
        rows[number] = cells(line)
        if #rows[number] ~= #rows[1] then
            complain.at(path, number, 'has %d cells, and the head of the table %d: separate them by one tab each',
                #rows[number], #rows[1])
        end
    end
    for column in ipairs(rows[1] or {}) do
        local numbers = #rows > 1
        for number = 2, #rows do
            local cell = rows[number][column]
            numbers = numbers and cell and pandoc.utils.stringify(cell):find('^[%d.,]+$')
        end
        aligned[column] = numbers and 'AlignRight' or 'AlignLeft'
    end
    return rows, aligned
end

-- A table of a file of data, whose first line is its head.
function figure.data_table(chapter, line, block)
    local caption = listing.caption(block.text, chapter.format)
    if not block.identifier:find('^tbl:.') then
        complain.at(chapter.file, line, 'the table has no name: write #tbl:NAME')
        return {}
    elseif #caption == 0 then
        complain.at(chapter.file, line, 'the table has no caption: write a sentence')
    end
    local number = chapter:count('table')
    labels.add(chapter, line, block.identifier, 'table ' .. number, '#' .. block.identifier)
    local path, lines = read_data(chapter, line, block)
    if not lines then
        return {}
    end
    local rows, aligned = read_rows(path, lines)
    local head = table.remove(rows, 1) or {}
    local widths = {}
    for column in ipairs(head) do
        widths[column] = 0
    end
    local made = pandoc.utils.from_simple_table(pandoc.SimpleTable({}, aligned, widths, head, rows))
    return listing.figure('table', block.identifier, wide(made), 'Table ' .. number .. '.', caption)
end

return figure
