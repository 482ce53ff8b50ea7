-- What pandoc takes for plain text, and an author did not mean so: a box or a
-- block of code without its end, an end without its beginning, and heads and
-- attributes that cannot be read.

local complain = require 'complain'

local fences = {}

-- The fence of a block of code that this line opens, or the whole of the one
-- that it closes.
local function code_fence(line, open)
    local fence, rest = line:match('^[%s>]*(```+)(.*)$')
    if not fence then
        fence, rest = line:match('^[%s>]*(~~~+)(.*)$')
    end
    if not fence or open and (fence:sub(1, 1) ~= open:sub(1, 1) or #fence < #open or rest:find('%S')) then
        return nil
    end
    -- `code` may be quoted by more backquotes in the middle of a text.
    return not rest:find('`') and fence or nil
end

local function box(chapter, number, line, boxes)
    local colons, head = line:match('^%s*:::+()%s*(.-)%s*$')
    if not colons then
        return
    elseif head ~= '' then
        boxes[#boxes + 1] = number
    elseif #boxes == 0 then
        complain.at(chapter.file, number, 'closes no box: take it out, or open one above it, ::: {.note}')
    else
        boxes[#boxes] = nil
    end
end

-- The lines of a chapter: what is opened is closed.
function fences.check(chapter)
    local boxes, code, code_line = {}, nil, nil
    for number, line in ipairs(chapter.lines) do
        local fence = code_fence(line, code)
        if fence then
            code = not code and fence or nil
            code_line = number
        elseif not code then
            box(chapter, number, line, boxes)
        end
    end
    for _, number in ipairs(boxes) do
        complain.at(chapter.file, number, 'the box is not closed: end it with :::')
    end
    if code then
        complain.at(chapter.file, code_line, 'the block of code is not closed: end it with %s', code)
    end
end

-- An inline that shows what should have been read.
function fences.check_inline(chapter, inline)
    local text = inline.text
    if inline.t == 'Code' and text:find('^{[.#]') then
        complain.about(chapter, text:match('^{%S* *%S*'),
            'the head of this block cannot be read: {.CLASS #ID NAME="VALUE" …}')
    elseif inline.t == 'Str' and text:find('^{#') then
        complain.about(chapter, text, '"%s" belongs to nothing: it stands right behind a picture, or ends a caption',
            text)
    end
end

return fences
