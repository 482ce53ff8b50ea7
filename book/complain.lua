-- What is wrong with the book, each with its file and line: gathered while it
-- is built, and told all at once.

local complain = {}
local found = {}

function complain.at(file, line, message, ...)
    local words = select('#', ...) > 0 and message:format(...) or message
    found[#found + 1] = { file = file, line = line, words = words }
end

-- pandoc does not say where in a chapter an element stood, so what it is
-- called is looked up in the chapter's text.
local function find(chapter, from, token)
    for number = from, #chapter.lines do
        local _, last = chapter.lines[number]:find(token, 1, true)
        if last and not chapter.lines[number]:find('^[%w_-]', last + 1) then
            return number
        end
    end
end

-- The line of a block that says `token`. Blocks are asked for in the order in
-- which they stand, so it is looked for below the last one.
function complain.block(chapter, token)
    local number = find(chapter, chapter.last_block + 1, token)
    chapter.last_block = number or chapter.last_block
    return number or find(chapter, 1, token) or 1
end

-- The line of the next heading of this level.
function complain.heading(chapter, level)
    local number = chapter.last_block + 1
    while chapter.lines[number] and not chapter.lines[number]:find('^' .. ('#'):rep(level) .. ' ') do
        number = number + 1
    end
    chapter.last_block = math.min(number, #chapter.lines)
    return chapter.last_block
end

-- Where a chapter says `token` in its text; asked again, where it does next.
function complain.line(chapter, token)
    local number = find(chapter, (chapter.seen[token] or 0) + 1, token) or chapter.seen[token] or 1
    chapter.seen[token] = number
    return number
end

function complain.about(chapter, token, message, ...)
    complain.at(chapter.file, complain.line(chapter, token), message, ...)
end

local function before(a, b)
    if a.file ~= b.file then
        return a.file < b.file
    end
    if a.line ~= b.line then
        return a.line < b.line
    end
    return a.words < b.words
end

-- Tell all; whether there was anything to tell.
function complain.tell()
    table.sort(found, before)
    local last
    for _, it in ipairs(found) do
        local line = ('%s:%d: %s\n'):format(it.file, it.line, it.words)
        if line ~= last then
            io.stderr:write(line)
        end
        last = line
    end
    return #found > 0
end

return complain
