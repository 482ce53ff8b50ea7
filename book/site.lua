-- The pages: contents, chapters, and what leads from one to the next.

local complain = require 'complain'
local cut = require 'cut'
local escape = require 'escape'

local site = {}

local function fill(template, values)
    return (template:gsub('%$([%w_]+)%$', values))
end

local function write(path, text)
    local file = assert(io.open(path, 'w'))
    assert(file:write(text))
    assert(file:close())
end

local function link(url, text, more)
    return ('<a href="%s"%s>%s</a>'):format(url, more or '', escape(text))
end

local function sections(chapter, url)
    local out = {}
    for _, section in ipairs(chapter.sections) do
        out[#out + 1] = '<li>' .. link(url .. '#' .. section.id, section.title) .. '</li>'
    end
    return #out > 0 and '<ul>' .. table.concat(out, '\n') .. '</ul>' or ''
end

-- The contents beside a page: all chapters, and the sections of this one.
local function contents(chapters, current)
    local out = { '<ul>', '<li>' .. link('index.html', 'Contents', not current and ' aria-current="page"') .. '</li>' }
    for _, chapter in ipairs(chapters) do
        local here = chapter == current
        out[#out + 1] = '<li>' .. link(chapter.page, chapter.heading, here and ' aria-current="page"') ..
            (here and sections(chapter, '') or '') .. '</li>'
    end
    out[#out + 1] = '</ul>'
    return table.concat(out, '\n')
end

local function step(chapter, class, words)
    if not chapter then
        return ''
    end
    return ('<a class="%s" rel="%s" href="%s"><span>%s</span> %s</a>'):format(class, class, chapter.page, words,
        escape(chapter.heading))
end

-- On which machine, and when, the values of a page were measured.
local function foot(chapter)
    local out = {}
    for machine in pairs(chapter.machines) do
        if machine ~= '' then
            out[#out + 1] = '<p>Measured on: ' .. escape(machine) .. '</p>'
        end
    end
    table.sort(out)
    return table.concat(out, '\n')
end

local function body(doc)
    local options = pandoc.WriterOptions { section_divs = false, wrap_text = 'wrap-none' }
    -- The empty corner of a table is no heading.
    return (pandoc.write(doc, 'html5', options):gsub('<th([^>]*)></th>', '<td%1></td>'))
end

local function write_chapter(out, template, chapters, i)
    local chapter = chapters[i]
    write(out .. '/' .. chapter.page, fill(template, {
        title = escape(chapter.heading .. ' · While You Wait'),
        contents = contents(chapters, chapter),
        body = body(chapter.doc),
        previous = step(chapters[i - 1], 'prev', 'Previous:'),
        next = step(chapters[i + 1], 'next', 'Next:'),
        foot = foot(chapter),
    }))
end

-- The contents -------------------------------------------------------------

local function linked(chapter)
    return { pandoc.RawBlock('html', link(chapter.page, chapter.heading) .. sections(chapter, chapter.page)) }
end

-- book/index.md lists all chapters that there will be, "- NN Title", and the
-- pages without a number by their title.
local function entry(index, by_name, item)
    local words = pandoc.utils.stringify(item)
    local number, title = words:match('^(%d%d) (.*)$')
    local chapter = by_name[number or words]
    if not number and not chapter then
        complain.about(index, words, '"%s" is no chapter: write "- NN Title", or the title of a page without a number',
            words)
        return {}
    elseif not chapter then
        return { pandoc.RawBlock('html', ('<span class="planned">%s <em>planned</em></span>'):format(escape(words))) }
    end
    chapter.listed = true
    if number and chapter.title ~= title then
        complain.about(index, '- ' .. number, 'chapter %s is called "%s": make it the same here', number, chapter.title)
    end
    return linked(chapter)
end

local function list(index, by_name, block)
    local items = {}
    for i, item in ipairs(block.content) do
        items[i] = entry(index, by_name, item)
    end
    return pandoc.Div({ pandoc.BulletList(items) }, { class = 'chapters' }), false
end

-- Chapters that the list does not have come after it.
local function unlisted(chapters)
    local items = {}
    for _, chapter in ipairs(chapters) do
        if not chapter.listed then
            items[#items + 1] = linked(chapter)
        end
    end
    return #items > 0 and { pandoc.Header(2, 'More'), pandoc.Div({ pandoc.BulletList(items) }, { class = 'chapters' }) }
        or {}
end

local function read_index(path, chapters)
    local index = { file = path, lines = cut.lines(path), seen = {}, machines = {} }
    if not index.lines then
        complain.at(path, 1, 'there is no such file: it has the title, a paragraph, and a list "- NN Title"')
        return nil
    end
    local by_name = {}
    for _, chapter in ipairs(chapters) do
        by_name[chapter.stem:match('^%d+') or chapter.title] = chapter
    end
    index.doc = pandoc.read(table.concat(index.lines, '\n') .. '\n', 'markdown'):walk {
        traverse = 'topdown',
        BulletList = function(block)
            return list(index, by_name, block)
        end,
    }
    index.doc.blocks:extend(unlisted(chapters))
    return index
end

-- Read the contents.
function site.read(book, chapters)
    return read_index(book .. '/index.md', chapters)
end

-- Write all pages into the folder `out`.
function site.write(out, template, index, chapters)
    write(out .. '/index.html', fill(template, {
        title = 'While You Wait',
        contents = contents(chapters, nil),
        body = body(index.doc),
        previous = '',
        next = step(chapters[1], 'next', 'Begin:'),
        foot = '',
    }))
    for i in ipairs(chapters) do
        write_chapter(out, template, chapters, i)
    end
end

return site
