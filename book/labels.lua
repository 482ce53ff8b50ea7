-- What the text can refer to, in the whole book: @lst:NAME, @fig:NAME,
-- @tbl:NAME, @sec:3.2, @ch:03, @ln:LISTING:LABEL and @val:NAME.

local complain = require 'complain'
local cut = require 'cut'

local labels = {}
local all = {} -- by key: what it is called, where it stands, and its mark

-- Something stands in this line of a chapter, at `anchor` of its page, and is
-- called `text`. A line of a listing brings the label that its file has there.
function labels.add(chapter, line, key, text, anchor, label)
    local other = all[key]
    if other then
        complain.at(chapter.file, line, 'there are two of "%s", the other in %s:%d: name one of them anew', key,
            other.file, other.line)
        return
    end
    all[key] = { chapter = chapter, file = chapter.file, line = line, text = text, anchor = anchor, label = label }
end

-- Values, measured by `make record`: "# machine, date", then name TAB text.
local function add_value(path, number, line, machine)
    local name, text = line:match('^([%w_-]+)\t(.+)$')
    if not name then
        complain.at(path, number, 'is no "name TAB text": let `make record` write this file')
    elseif all['val:' .. name] then
        complain.at(path, number, 'there are two values "%s", the other in %s:%d: name one of them anew', name,
            all['val:' .. name].file, all['val:' .. name].line)
    else
        all['val:' .. name] = { text = text, machine = machine, file = path, line = number }
    end
end

function labels.read_values(path)
    local lines = cut.lines(path)
    local machine = lines[1] and lines[1]:match('^#%s*(.+)$')
    if not machine then
        complain.at(path, 1, 'does not begin with "# machine, date": let `make record` write this file')
    end
    for number, line in ipairs(lines) do
        if number > 1 and line ~= '' then
            add_value(path, number, line, machine)
        end
    end
end

function labels.complain_of_unused_values()
    for key, target in pairs(all) do
        if key:find('^val:') and not target.used then
            complain.at(target.file, target.line, 'no chapter uses the value "%s": write @%s, or take it out of %s',
                key:sub(5), key, (target.file:gsub('values$', 'sh')))
        end
    end
end

local kinds = {
    lst = 'listing', fig = 'figure', tbl = 'table', sec = 'numbered section', ch = 'chapter',
    ln = 'line', val = 'value',
}

local MOST_NAMES = 5

-- How many letters make one word of the other (Levenshtein 1966).
local function distance(one, other)
    local row = {}
    for j = 0, #other do row[j] = j end
    for i = 1, #one do
        local corner = row[0]
        row[0] = i
        for j = 1, #other do
            local change = corner + (one:byte(i) == other:byte(j) and 0 or 1)
            corner = row[j]
            row[j] = math.min(change, row[j] + 1, row[j - 1] + 1)
        end
    end
    return row[#other]
end

-- "there is @ln:ask:pass, @ln:ask:poll": the names of that kind, those that
-- are most like this one.
local function remedy(kind, name)
    local prefix = kind .. ':' .. (kind == 'ln' and (name:match('^(.*:)') or '') or '')
    local names, far, near = {}, {}, {}
    for key in pairs(all) do
        if key:sub(1, #prefix) == prefix then
            names[#names + 1] = key
            far[key] = distance(kind .. ':' .. name, key)
        end
    end
    table.sort(names, function(a, b) return far[a] < far[b] or far[a] == far[b] and a < b end)
    for i = 1, math.min(#names, MOST_NAMES) do
        near['@' .. names[i]] = true
    end
    return cut.names(near, 'there is none')
end

local function capital(text)
    return (text:gsub('^%l', string.upper))
end

local function resolve_one(chapter, key, first)
    local kind, name = key:match('^(%a+):(.+)$')
    local target = all[key]
    if not target then
        if kinds[kind or ''] then
            complain.about(chapter, '@' .. key, 'there is no %s "%s": %s', kinds[kind], name, remedy(kind, name))
        else
            complain.about(chapter, '@' .. key,
                '"@%s" is no reference: they begin with @lst: @fig: @tbl: @sec: @ch: @ln: or @val:', key)
        end
        return pandoc.Str('@' .. key)
    end
    target.used = true
    if target.label then
        target.label.used = true
    end
    if kind == 'val' then
        chapter.machines[target.machine or ''] = true
        return pandoc.Span(target.text, { class = 'value' })
    end
    local url = target.chapter == chapter and target.anchor ~= '' and '' or target.chapter.page
    local text = first and capital(target.text) or target.text
    return pandoc.Link((text:gsub(' (%S+)$', '\u{a0}%1')), url .. target.anchor)
end

-- What a reference becomes; with a capital if it begins a sentence.
function labels.resolve(chapter, cite, first)
    local key = cite.citations[1].id
    if cite.citations[1].mode ~= 'AuthorInText' then
        complain.about(chapter, '[@' .. key, '"[@%s]": write it without brackets', key)
    elseif #cite.citations[1].suffix > 0 then
        complain.about(chapter, '@' .. key .. ' [', '"@%s [": write something between the two', key)
    end
    return resolve_one(chapter, key, first)
end

return labels
