-- A chapter: read, its blocks made into what the page shows, and then, when
-- all chapters have been read, its references resolved. NAME.md is a page
-- without a number, which comes after the chapters.

local complain = require 'complain'
local cut = require 'cut'
local fences = require 'fences'
local figure = require 'figure'
local labels = require 'labels'
local listing = require 'listing'

local chapter = {}
chapter.__index = chapter

-- $HOME is no maths, and a stray \n no TeX.
local FORMAT = 'markdown-tex_math_dollars-raw_tex'

-- The boxes: what stands on top of each.
local boxes = {
    hurry = 'In a hurry', predict = 'Predict', quiz = 'Quiz', checkpoint = 'Checkpoint',
    misconception = 'You may have thought', note = 'Note', design = 'Design note', answer = 'Answer',
}

-- The next number of a listing, figure or table: "3.2". Where the page has
-- none it is "2", of all such pages.
local unnumbered = {}

function chapter:count(kind)
    self.counts[kind] = (self.counts[kind] or 0) + 1
    return self.number and ('%d.%d'):format(self.number, self.counts[kind]) or tostring(self.counts[kind])
end

local function html(text)
    return pandoc.RawBlock('html', text)
end

local function wrap(before, blocks, after)
    local all = pandoc.List { html(before) }
    all:extend(blocks)
    all:insert(html(after))
    return all
end

local function div(self, block)
    local class = block.classes[1] or ''
    if class == 'answer' then
        return wrap('<details class="answer"><summary>Answer</summary>', block.content, '</details>')
    elseif not boxes[class] then
        complain.about(self, class, 'there is no box "%s": %s', class, cut.names(boxes))
        return nil
    end
    return wrap(('<div class="box %s" role="note"><p class="box-title">%s</p>'):format(class, boxes[class]),
        block.content, '</div>')
end

local function header(self, block)
    local title = pandoc.utils.stringify(block)
    local number = title:match('^(%d+%.%d+) ')
    local line = complain.heading(self, block.level)
    if block.level == 1 then
        block.identifier = ''
        return block
    elseif number then
        block.identifier = 's' .. number
        labels.add(self, line, 'sec:' .. number, 'section ' .. number, '#s' .. number)
    elseif self.ids[block.identifier] then
        complain.at(self.file, line, 'there are two headings with the id "%s": take one out', block.identifier)
    end
    self.ids[block.identifier] = true
    if block.level == 2 then
        self.sections[#self.sections + 1] = { id = block.identifier, title = title }
    end
    block.content:insert(pandoc.Space())
    block.content:insert(pandoc.Link('#', '#' .. block.identifier, '',
        { class = 'anchor', ['aria-label'] = 'Link to this section' }))
    return block
end

local function code_block(self, block)
    return listing.block(self, block, { timeline = figure.timeline, table = figure.data_table })
end

-- pandoc 2 makes a picture with a caption a paragraph of one image.
local function paragraph(self, block)
    local image = block.content[1]
    if #block.content == 1 and image.t == 'Image' then
        return figure.picture(self, image, image.identifier, image.caption)
    end
end

local function picture(self, block)
    local inside = block.content[1] and block.content[1].content
    local image = inside and inside[1]
    if not image or image.t ~= 'Image' then
        return nil
    end
    local id = block.identifier ~= '' and block.identifier or image.identifier
    return figure.picture(self, image, id, pandoc.utils.blocks_to_inlines(block.caption.long))
end

-- A picture that became no figure.
local function stray(self, image)
    complain.at(self.file, complain.block(self, image.src),
        'a picture in the middle of a paragraph: give it one of its own')
end

-- What it is called, which its first line says.
local function read_title(self)
    local digits = self.stem:match('^%d+')
    local first = (self.lines[1] or ''):match('^# (.+)$')
    if digits and not (first or ''):find('^' .. digits .. ' .') then
        complain.at(self.file, 1, 'does not begin with "# %s TITLE"', digits)
    elseif not digits and (first or '0'):find('^%d') then
        complain.at(self.file, 1, 'does not begin with "# TITLE"; the file of a chapter is called NN-slug.md')
    end
    local title = self.doc.blocks[1] and pandoc.utils.stringify(self.doc.blocks[1]) or self.stem
    self.title = digits and title:match('^%d+ (.+)$') or title
    self.heading = digits and ('%s %s'):format(digits, self.title) or title
    labels.add(self, 1, 'ch:' .. (digits or self.stem), digits and 'chapter ' .. self.number or '“' .. title .. '”', '')
end

-- The chapter in this file, with its names told to `labels`.
function chapter.read(path)
    local stem = path:match('([^/]*)%.md$')
    local number = tonumber(stem:match('^%d+'))
    local self = setmetatable({ file = path, stem = stem, page = stem .. '.html', number = number,
        lines = cut.lines(path), seen = {}, last_block = 0, counts = number and {} or unnumbered, ids = {},
        sections = {}, machines = {}, format = FORMAT }, chapter)
    fences.check(self)
    self.doc = pandoc.read(table.concat(self.lines, '\n') .. '\n', FORMAT)
    read_title(self)
    local function with(transform)
        return function(block)
            return transform(self, block)
        end
    end
    self.doc = self.doc:walk { traverse = 'topdown', Header = with(header), CodeBlock = with(code_block),
        Para = with(paragraph), Figure = with(picture), Image = with(stray), Table = with(figure.table) }
    self.doc = self.doc:walk { Div = with(div) }
    return self
end

-- Whether what comes after these two inlines begins a sentence.
local function begins(word, blank)
    if not word or blank.t ~= 'Space' and blank.t ~= 'SoftBreak' then
        return false
    end
    return pandoc.utils.stringify(word):gsub('”$', ''):gsub('%)$', ''):find('[.!?]$') ~= nil
end

local function resolve_inlines(self, inlines)
    for i, inline in ipairs(inlines) do
        if inline.t == 'Cite' then
            inlines[i] = labels.resolve(self, inline, begins(inlines[i - 2], inlines[i - 1]))
        else
            fences.check_inline(self, inline)
        end
    end
    return inlines
end

-- A reference with which a paragraph begins.
local function resolve_first(self, block)
    local first = block.content[1]
    if first and first.t == 'Cite' then
        block.content[1] = labels.resolve(self, first, true)
        return block
    end
end

-- From where the page lies: chapters are pages, and other files are where
-- they were, two levels up.
local function link(block)
    local page, anchor = block.target:match('^([%w-]+)%.md(#?.*)$')
    if page then
        block.target = page .. '.html' .. anchor
    elseif block.target:find('^%.%./') then
        figure.used[block.target:sub(4)] = true
        block.target = '../' .. block.target
    end
    return block
end

function chapter:resolve()
    local function first(block)
        return resolve_first(self, block)
    end
    self.doc = self.doc:walk { Link = link }
    self.doc = self.doc:walk { traverse = 'topdown', Para = first, Plain = first, Inlines = function(inlines)
        return resolve_inlines(self, inlines)
    end }
end

return chapter
