-- Listings are cut from files that are compiled. A region lies between
--
--     /* book: NAME */ … /* book: end NAME */       (# book: NAME elsewhere)
--
-- on lines of their own, and a line that the text speaks of ends with a
-- label, /* @NAME */ or # @NAME. Neither is shown.

local complain = require 'complain'

local cut = {}
local files = {} -- by path: what was read; false for what is not there

function cut.lines(path)
    local file = io.open(path, 'r')
    local text = file and file:read('a')
    if file then
        file:close()
    end
    if not text then
        return nil
    end
    local lines = {}
    for line in (text:gsub('\n$', '') .. '\n'):gmatch('(.-)\r?\n') do
        lines[#lines + 1] = line
    end
    return lines
end

-- How markers and labels look in a file of this name.
local function patterns(path)
    if path:find('%.[ch]$') or path:find('%.patch$') then
        return '^[ +-]?%s*/%*%s*book:%s*(.-)%s*%*/%s*$', '%s*/%*%s*@([%w_-]+)%s*%*/%s*$'
    end
    return '^%s*#%s*book:%s*(.-)%s*$', '%s*#%s*@([%w_-]+)%s*$'
end

local function close(file, name, number)
    local region = file.regions[name]
    if not region then
        complain.at(file.path, number,
            'the region "%s" is closed, but not open: put "book: %s" above it', name, name)
    elseif region.last then
        complain.at(file.path, number, 'the region "%s" is closed twice, first in line %d: take one out',
            name, region.last + 1)
    else
        region.last = number - 1
    end
end

local function open(file, name, number)
    if file.regions[name] then
        complain.at(file.path, number, 'there are two regions "%s", the first in line %d: name one of them anew',
            name, file.regions[name].first - 1)
        return
    end
    file.regions[name] = { first = number + 1 }
end

local function add_label(file, label, number)
    if file.labels[label] then
        complain.at(file.path, number, 'there are two lines "@%s", the other is line %d: name one of them anew',
            label, file.labels[label].line)
    else
        file.labels[label] = { line = number }
    end
end

local function add_line(file, line, number, marker, label)
    local words, name = line:match(marker), line:match(label)
    if words and not file.is_patch then
        local ended = words:match('^end%s+(.*)$')
        if ended then
            close(file, ended, number)
        else
            open(file, words, number)
        end
    end
    if name and not file.is_patch then
        add_label(file, name, number)
    end
    file.shown[number] = not words and line:gsub(label, '') or nil
end

-- A file with its regions and labels, or nil.
function cut.open(path)
    if files[path] ~= nil then
        return files[path] or nil
    end
    local lines = cut.lines(path)
    files[path] = lines and { path = path, is_patch = path:find('%.patch$') ~= nil, count = #lines, shown = {},
        regions = {}, labels = {} } or false
    if not lines then
        return nil
    end
    local marker, label = patterns(path)
    for number, line in ipairs(lines) do
        add_line(files[path], line, number, marker, label)
    end
    for name, region in pairs(files[path].regions) do
        if not region.last then
            complain.at(path, region.first - 1, 'the region "%s" is not closed: put "book: end %s" below it', name,
                name)
            region.last = #lines
        end
    end
    return files[path]
end

-- In C a #pragma, with the lines on which it goes on, stands in column 0,
-- however deep the code below it is.
local function directives(lines)
    local found, goes_on = {}, false
    for i, line in ipairs(lines) do
        found[i] = goes_on or line:find('^#') ~= nil
        goes_on = found[i] and line:find('\\$') ~= nil
    end
    return found
end

local function dedent(lines, is_c)
    local stays = is_c and directives(lines) or {}
    local least = math.huge
    for i, line in ipairs(lines) do
        if line:find('%S') and not stays[i] then
            least = math.min(least, #line:match('^ *'))
        end
    end
    for i, line in ipairs(lines) do
        lines[i] = stays[i] and line or line:sub(math.min(least, #line) + 1)
    end
end

-- The lines of a file from first to last as they are shown, and for each the
-- number that it has in the file.
function cut.shown(file, first, last)
    local lines, numbers = {}, {}
    for number = first, last do
        local line = file.shown[number]
        if line and (#lines > 0 or line:find('%S')) then
            lines[#lines + 1] = line
            numbers[#numbers + 1] = number
        end
    end
    while #lines > 0 and not lines[#lines]:find('%S') do
        lines[#lines], numbers[#numbers] = nil, nil
    end
    dedent(lines, file.path:find('%.[ch]$'))
    return lines, numbers
end

-- "it has a, b": what there is instead of what was asked for.
function cut.names(things, none)
    local names = {}
    for name in pairs(things) do
        names[#names + 1] = name
    end
    table.sort(names)
    return #names > 0 and 'there is ' .. table.concat(names, ', ') or none
end

-- What of all the files was never used.
function cut.complain_of_unused()
    for path, file in pairs(files) do
        for name, region in pairs(file and file.regions or {}) do
            if not region.used then
                complain.at(path, region.first - 1,
                    'no chapter shows the region "%s": include it, or take its two lines out', name)
            end
        end
        for name, label in pairs(file and file.labels or {}) do
            if not label.used then
                complain.at(path, label.line,
                    'no chapter speaks of the line "@%s": write @ln:LISTING:%s, or take it out', name, name)
            end
        end
    end
end

return cut
