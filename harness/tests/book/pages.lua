-- Checks the pages of a site: a pandoc filter that reads none, called by
-- harness/tests/book/check-pages with metadata
--
--     site    the folder of the pages
--     prefix  how the repository's own files are reached from there: ../..
--     files   a list of these files, one a line
--     text    gets what is to be spelt: PAGE, a tab, words; a line a text
--
-- Each page is HTML as pandoc and our own filter write it, whose tags are all
-- closed and whose attributes are all quoted: it is read as such, and what is
-- not so is a mistake. What is wrong is printed, "page:line: what".

local wrong = false
local pages = {} -- by name: {ids = {}, links = {}, texts = {}}

local empty = {}
for name in ('area base br col embed hr img input link meta source track wbr')
        :gmatch('%a+') do
    empty[name] = true
end

-- Text in these is not for a speller.
local no_words = {}
for name in ('code pre kbd samp script style var'):gmatch('%a+') do
    no_words[name] = true
end

local function complain(page, line, message, ...)
    io.stdout:write(('%s:%d: '):format(page, line), message:format(...), '\n')
    wrong = true
end

local function read_file(path)
    local file, why = io.open(path, 'rb')
    if not file then
        io.stderr:write('check-pages: ', why, '\n')
        os.exit(2)
    end
    local text = file:read('a')
    file:close()
    return text
end

local entities = {amp = '&', lt = '<', gt = '>', quot = '"', nbsp = ' '}

local function plain(text)
    text = text:gsub('&#x(%x+);', function(digits)
        return utf8.char(tonumber(digits, 16))
    end)
    text = text:gsub('&#(%d+);', function(digits)
        return utf8.char(tonumber(digits))
    end)
    return (text:gsub('&(%a+);', entities))
end

-- --- One page ----------------------------------------------------------------

-- The attributes of a tag; a name twice is a mistake, an unquoted value too.
local function attributes_of(page, line, name, words)
    local attributes = {}
    local rest = words:gsub('([%w:_-]+)%s*=%s*"([^"]*)"', function(key, value)
        if attributes[key] then
            complain(page, line, '<%s> has two attributes %s', name, key)
        end
        attributes[key] = plain(value)
        return ''
    end)
    for key in rest:gmatch('[%w:_-]+') do attributes[key] = attributes[key] or '' end
    if rest:find('[="<]') then
        complain(page, line, '<%s> has an attribute without quotes', name)
    end
    return attributes
end

local function check_id(page, line, id)
    local ids = pages[page].ids
    if ids[id] then
        complain(page, line, 'the id "%s" is that of line %d, too: choose another',
            id, ids[id])
    end
    ids[id] = line
end

-- Who cannot see a picture is told what it shows; or that it shows nothing.
local function check_alt(page, line, name, attributes)
    local alt = attributes.alt or attributes['aria-label'] or
        attributes['aria-labelledby'] or ''
    if attributes['aria-hidden'] == 'true' or attributes.role == 'presentation' then
        return
    end
    if name == 'img' and alt == '' or name == 'svg' and
            (alt == '' or attributes.role ~= 'img') then
        complain(page, line, 'this <%s> has no text for who cannot see it: say '
            .. 'with alt="…" what it shows', name)
    end
end

local function check_heading(page, line, level)
    local before = pages[page].level
    if before == 0 and level ~= 1 or before > 0 and level > before + 1 then
        complain(page, line, 'a heading of level %d after one of level %d: '
            .. 'leave none out', level, before)
    elseif level == 1 and before > 0 then
        complain(page, line, 'a second heading of level 1: a page has one')
    end
    pages[page].level = level
end

local function open_tag(page, line, name, attributes)
    local record = pages[page]
    if attributes.id then check_id(page, line, attributes.id) end
    if name == 'img' or name == 'svg' then check_alt(page, line, name, attributes) end
    if name:find('^h[1-6]$') then
        check_heading(page, line, tonumber(name:sub(2)))
    end
    for _, key in ipairs {'href', 'src', 'xlink:href'} do
        if attributes[key] then
            record.links[#record.links + 1] = {line = line, to = attributes[key]}
        end
    end
    for id in (attributes['aria-labelledby'] or ''):gmatch('%S+') do
        record.links[#record.links + 1] = {line = line, to = '#' .. id}
    end
    for _, key in ipairs {'alt', 'aria-label'} do
        if attributes[key] then
            record.texts[#record.texts + 1] = attributes[key]
        end
    end
end

local function close_tag(page, line, name, open)
    local last = table.remove(open)
    if not last then
        complain(page, line, '</%s> ends nothing', name)
    elseif last.name ~= name then
        complain(page, line, '</%s> where <%s> of line %d is to be ended', name,
            last.name, last.line)
        if open[#open] and open[#open].name == name then table.remove(open) end
    end
end

local function keep_text(page, text, open)
    for _, tag in ipairs(open) do
        if no_words[tag.name] then return end
    end
    -- An apostrophe is no quotation mark for a speller, and no end of one.
    text = plain(text):gsub('(%a)’(%a)', "%1'%2"):gsub('‘', ' '):gsub('’', ' ')
    -- Names of C stand without <code> in a heading that is repeated, and in
    -- what a picture says. What is all capitals is a name, too.
    text = text:gsub('[%w_]*_[%w_]*', ' '):gsub('%w+%(%)', ' ')
    -- "1.04x" is a number.
    text = text:gsub('%f[%w]%d[%d.]*x%f[%W]', ' ')
    text = text:gsub("(%a)'s%f[%W]", '%1'):gsub('%f[%w][%u%d]+%f[%W]', ' ')
    if text:find('%a') then
        local texts = pages[page].texts
        texts[#texts + 1] = text
    end
end

local function lines_in(text)
    return select(2, text:gsub('\n', ''))
end

local function read_page(page, html)
    local at, line, open = 1, 1, {}
    pages[page] = {ids = {}, links = {}, texts = {}, level = 0}
    html = html:gsub('^<!DOCTYPE html>', '')
    while true do
        local from, to, slash, name, words = html:find(
            '<(/?)([%a][%w:-]*)([^<>]*)>', at)
        local comment, comment_end = html:find('<!%-%-.-%-%->', at)
        if comment and (not from or comment < from) then
            from, to, name = comment, comment_end, nil
        end
        local text = html:sub(at, (from or 0) - 1)
        keep_text(page, text, open)
        if not from then break end
        line = line + lines_in(text)
        if name and slash == '/' then
            close_tag(page, line, name, open)
        elseif name then
            open_tag(page, line, name, attributes_of(page, line, name,
                words:gsub('/%s*$', '')))
            if not empty[name] and not words:find('/%s*$') then
                open[#open + 1] = {name = name, line = line}
            end
        end
        line = line + lines_in(html:sub(from, to))
        at = to + 1
    end
    for _, tag in ipairs(open) do
        complain(page, tag.line, '<%s> is never ended', tag.name)
    end
    if pages[page].level == 0 then complain(page, 1, 'has no heading') end
end

-- --- Links -------------------------------------------------------------------

local files = {} -- of the repository

local function exists(path)
    local file = io.open(path)
    return file ~= nil and file:close()
end

local function check_link(site, prefix, page, link)
    local to = link.to
    if to:find('^https://[%w.-]+%.%w+') then return end
    if to:find('^%a[%w+.-]*:') or to:find('^/') then
        return complain(page, link.line, 'the link %s: outside links begin with '
            .. 'https://, others lead to a page or a file of the repository', to)
    end
    local path, anchor = to:match('^([^#]*)#?(.*)$')
    if path == '' then path = page end
    if pages[path] then
        if anchor ~= '' and not pages[path].ids[anchor] then
            complain(page, link.line, 'the link %s: %s has no id "%s"', to, path,
                anchor)
        end
    elseif path:sub(1, #prefix + 1) == prefix .. '/' then
        local file = path:sub(#prefix + 2):gsub('/$', '')
        if not files[file] then
            complain(page, link.line, 'the link %s: the repository has no %s', to,
                file)
        end
    elseif not exists(site .. '/' .. path) then
        complain(page, link.line, 'the link %s: there is no such page or file', to)
    end
end

-- --- All of it ---------------------------------------------------------------

function Pandoc(doc)
    local meta = pandoc.utils.stringify
    local site, prefix = meta(doc.meta.site), meta(doc.meta.prefix)
    local names, text = {}, assert(io.open(meta(doc.meta.text), 'w'))

    for file in read_file(meta(doc.meta.files)):gmatch('[^\n]+') do
        files[file] = true
        for slash in file:gmatch('()/') do files[file:sub(1, slash - 1)] = true end
    end
    for name in pandoc.pipe('ls', {site}, ''):gmatch('[^\n]+') do
        if name:find('%.html$') then names[#names + 1] = name end
    end
    for _, page in ipairs(names) do
        read_page(page, read_file(site .. '/' .. page))
    end
    for _, page in ipairs(names) do
        for _, link in ipairs(pages[page].links) do
            check_link(site, prefix, page, link)
        end
        for _, words in ipairs(pages[page].texts) do
            text:write(page, '\t', (words:gsub('%s+', ' ')), '\n')
        end
    end
    text:close()
    io.stdout:flush()
    os.exit(#names == 0 and 2 or wrong and 1 or 0)
end
