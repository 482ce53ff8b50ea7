-- Blocks of code: listings that are cut from files, transcripts, and others.

local complain = require 'complain'
local cut = require 'cut'
local escape = require 'escape'
local labels = require 'labels'

local listing = {}

-- Code as highlighted lines, without the spans and anchors that pandoc puts
-- around each.
local function highlight(text, class)
    local block = pandoc.CodeBlock(text, { id = 'x', class = class })
    local html = pandoc.write(pandoc.Pandoc { block }, 'html')
    local code = class ~= 'text' and html:match('<code[^>]*>(.*)</code>') or escape(text)
    local lines = {}
    for line in (code .. '\n'):gmatch('(.-)\n') do
        lines[#lines + 1] = line:gsub('^<span id="x%-%d+"><a [^>]*></a>(.*)</span>$', '%1')
    end
    return lines
end

-- Each line with an id and a number that the style sheet shows.
local function number_lines(lines, id)
    for number, line in ipairs(lines) do
        lines[number] = ('<span class="line" id="%s.%d" data-n="%d">%s</span>'):format(id, number, number, line)
    end
    return lines
end

local function box(class, lines)
    return ('<pre class="%s" tabindex="0"><code>%s</code></pre>'):format(class, table.concat(lines, '\n'))
end

-- Markdown of a caption, as inlines.
function listing.caption(text, format)
    return pandoc.utils.blocks_to_inlines(pandoc.read(text, format).blocks)
end

-- <figure> around `inner`, with a numbered caption below it.
function listing.figure(class, id, inner, number, caption, file)
    local words = pandoc.List { pandoc.Span(number, { class = 'number' }), pandoc.Space() }
    words:extend(caption)
    if file then
        words:extend { pandoc.Space(), pandoc.Span({ pandoc.Code(file) }, { class = 'file' }) }
    end
    local html = function(text)
        return pandoc.RawBlock('html', text)
    end
    local blocks = pandoc.List { html(('<figure class="%s"%s>'):format(class, id and (' id="%s"'):format(id) or '')) }
    blocks:extend(inner)
    blocks:extend { html('<figcaption>'), pandoc.Plain(words), html('</figcaption>'), html('</figure>') }
    return blocks
end

local function split(text)
    local words = pandoc.List {}
    for word in text:gmatch('%S+') do
        words:extend { pandoc.Str(word), pandoc.Space() }
    end
    words[#words] = nil
    return words
end

-- The head of a wrong solution: its verdict, the test that finds it, and what
-- it does wrong, as inlines; and where its first hunk begins.
local function patch_head(path)
    local lines = cut.lines(path)
    local first = lines[1] and lines[1]:match('^expect: (.+)$')
    if not first then
        complain.at(path, 1, 'does not begin with "expect: VERDICT: TEST": only a patch of solutions/*/wrong/ is shown')
        return pandoc.List {}, 1
    end
    local verdict, test = first:match('^(.-): (.*)$')
    local explained, number = {}, 2
    while lines[number] and not lines[number]:find('^%-%-%- ') do
        explained[#explained + 1] = lines[number]
        number = number + 1
    end
    local words = split('Rejected: ' .. (verdict or first))
    if test then
        words:extend(split(', by '))
        words:extend { pandoc.Space(), pandoc.Code(test) }
    end
    words:insert(pandoc.Str('.'))
    words:insert(pandoc.Space())
    words:extend(pandoc.utils.blocks_to_inlines(pandoc.read(table.concat(explained, ' '), 'commonmark').blocks))
    return words, number + 2
end

local function find_region(chapter, line, file, name)
    local region = file.regions[name]
    if region then
        region.used = true
        return region.first, region.last
    end
    complain.at(chapter.file, line, 'there is no region "%s" in %s: %s', name, file.path,
        cut.names(file.regions, 'put "book: ' .. name .. '" into it'))
end

-- Line labels of the file between its lines that are shown.
local function add_labels(chapter, line, id, file, numbers)
    for name, label in pairs(file.labels) do
        for shown, number in ipairs(numbers) do
            if number == label.line then
                labels.add(chapter, line, 'ln:' .. id:sub(5) .. ':' .. name, 'line ' .. shown,
                    ('#%s.%d'):format(id, shown), label)
            end
        end
    end
end

-- What a listing shows: its lines, their numbers in the file, and words that
-- the file itself adds to the caption.
local function cut_lines(chapter, line, block, file)
    local first, last, words = 1, file.count, nil
    if block.attributes.region then
        first, last = find_region(chapter, line, file, block.attributes.region)
    elseif file.path:find('%.patch$') then
        words, first = patch_head(file.path)
    end
    if not first then
        return {}, {}, words
    end
    local lines, numbers = cut.shown(file, first, last)
    return lines, numbers, words
end

-- The caption: what the block says, and what the file adds.
local function caption_of(chapter, line, block, words)
    local caption = listing.caption(block.text, chapter.format)
    if #caption == 0 and not words then
        complain.at(chapter.file, line, 'the listing has no caption: write a sentence into the block')
    elseif words then
        caption:extend(#caption > 0 and { pandoc.Space() } or {})
        caption:extend(words)
    end
    return caption
end

local function include(chapter, line, block)
    local id, path = block.identifier, block.attributes.include
    if not id:find('^lst:.') then
        complain.at(chapter.file, line, 'the listing has no name: write {.c #lst:NAME include="%s"}', path)
        return {}
    end
    local number = chapter:count('listing')
    labels.add(chapter, line, id, 'listing ' .. number, '#' .. id)
    local file = cut.open(path)
    if not file then
        complain.at(chapter.file, line, 'there is no file %s: name one relative to the repository', path)
        return {}
    end
    local lines, numbers, words = cut_lines(chapter, line, block, file)
    add_labels(chapter, line, id, file, numbers)
    local class = block.classes[1] or 'text'
    local code = number_lines(highlight(table.concat(lines, '\n'), class), id)
    local html = pandoc.RawBlock('html', box('code numbered ' .. class, code))
    return listing.figure('listing', id, { html }, 'Listing ' .. number .. '.', caption_of(chapter, line, block, words),
        path)
end

-- What a person typed stands apart from what was answered.
local function transcript(text)
    local out, goes_on = {}, false
    for line in (text .. '\n'):gmatch('(.-)\n') do
        local prompt, typed = line:match('^(%$ )(.*)$')
        if goes_on and line:find('^> ') then
            prompt, typed = '> ', line:sub(3)
        end
        if prompt then
            line = ('<span class="prompt">%s</span><kbd>%s</kbd>'):format(escape(prompt), escape(typed))
        elseif line == '…' then
            line = '<span class="left-out">…</span>'
        else
            line = '<span class="said">' .. escape(line) .. '</span>'
        end
        goes_on = typed and typed:find('\\$')
        out[#out + 1] = line
    end
    return out
end

-- What a block may say of itself.
local attributes = {
    listing = { include = true, region = true },
    timeline = { data = true, charts = true, alt = true },
    table = { data = true },
    console = { file = true, lab = true, varies = true, needs = true, norun = true },
    code = {},
}

-- The line in which a block of code begins: it has its name, or an attribute;
-- or else it is the one above its text.
local function line_of(chapter, block)
    if block.identifier ~= '' then
        return complain.block(chapter, '#' .. block.identifier)
    end
    for name, value in pairs(block.attributes) do
        return complain.block(chapter, ('%s="%s"'):format(name, value))
    end
    local blanks, first = block.text:match('^([%s]-)([^\n]*%S[^\n]*)')
    local _, above = (blanks or ''):gsub('\n', '')
    return complain.block(chapter, first or '```') - above - 1
end

-- A word that nobody knows is a word mistyped.
local function check_attributes(chapter, line, block, kind)
    for name in pairs(block.attributes) do
        if not attributes[kind][name] then
            complain.at(chapter.file, line, 'a block like this has no "%s": %s', name,
                cut.names(attributes[kind], 'it has none at all'))
        end
    end
end

-- Any block of code; draw[CLASS](chapter, line, block) for what is made of
-- data: timelines, tables.
function listing.block(chapter, block, draw)
    local class = block.classes[1] or 'text'
    local kind = block.attributes.include and 'listing' or attributes[class] and class or 'code'
    local line = line_of(chapter, block)
    check_attributes(chapter, line, block, kind)
    if kind == 'listing' then
        return include(chapter, line, block)
    elseif draw[kind] then
        return draw[kind](chapter, line, block)
    elseif class == 'c' or class == 'diff' then
        complain.at(chapter.file, line,
            'a block of %s without include: cut it from a file that is compiled, {.%s #lst:NAME include="…"}', class,
            class)
        return {}
    elseif kind == 'console' then
        return pandoc.RawBlock('html', box('console', transcript(block.text)))
    end
    return pandoc.RawBlock('html', box('code ' .. class, highlight(block.text, class)))
end

return listing
