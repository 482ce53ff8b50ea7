-- The book as pages: one pandoc process reads all chapters, and writes a site.
--
--     pandoc --lua-filter=book/book.lua -M out=FOLDER </dev/null
--
-- in the repository (book/build does this). First every chapter is read: its
-- listings are cut, its figures drawn, and the names of both kept. Then the
-- references are resolved, across chapters. Whatever is wrong is told with
-- its file and line, all at once; then no page is written, and the exit
-- status is 1.
--
--     complain    what is wrong, and where
--     fences      what pandoc would silently take for text
--     cut         regions and line labels of files
--     labels      what can be referred to; measured values
--     timeline    charts of waiting and working, as SVG
--     listing     blocks of code, transcripts
--     figure      figures and tables
--     chapter     a chapter, read and resolved
--     site        pages and contents

local here = PANDOC_SCRIPT_FILE:match('^(.*)/[^/]*$') or '.'
package.path = here .. '/?.lua;' .. package.path

local chapter = require 'chapter'
local complain = require 'complain'
local cut = require 'cut'
local figure = require 'figure'
local labels = require 'labels'
local site = require 'site'

-- The repository's own files in these folders, sorted.
local function find(...)
    local arguments = { ... }
    for _, word in ipairs { '-type', 'f' } do
        arguments[#arguments + 1] = word
    end
    local files = {}
    for path in pandoc.pipe('find', arguments, ''):gmatch('[^\n]+') do
        files[#files + 1] = path
    end
    table.sort(files)
    return files
end

-- What a learner writes is no part of the book: labs/NN-slug/X.c.
local function is_learners(path)
    local folder, name = path:match('^(labs/[^/]*)/([^/]*%.c)$')
    for _, line in ipairs(folder and cut.lines(folder .. '/lab.yaml') or {}) do
        if line:match('^file:%s*["\']?([^"\'%s]+)') == name then
            return true
        end
    end
    return false
end

-- Files that listings may be cut from; all of their regions are to be shown.
local function read_sources(files)
    for _, path in ipairs(files) do
        local ours = path:find('^labs/') or path:find('^solutions/') or path:find('^book/code/')
        if ours and not path:find('%.patch$') and not is_learners(path) then
            cut.open(path)
        end
    end
end

local function read_chapters(files)
    local chapters = {}
    for _, path in ipairs(files) do
        if path:find('^book/data/[^/]*%.values$') then
            labels.read_values(path)
        elseif path:find('^book/[%w-]+%.md$') and path ~= 'book/index.md' then
            chapters[#chapters + 1] = chapter.read(path)
        end
    end
    for _, it in ipairs(chapters) do
        it:resolve()
    end
    return chapters
end

local function complain_of_unused(files)
    cut.complain_of_unused()
    labels.complain_of_unused_values()
    for _, path in ipairs(files) do
        local shown = path:find('^book/data/[^/]*%.tsv$') or path:find('^book/figures/[^/]*%.svg$')
        if shown and not figure.used[path] then
            complain.at(path, 1, 'no chapter shows it, or links to it: use it, or take it away')
        end
    end
end

function Pandoc(doc)
    local out = pandoc.utils.stringify(doc.meta.out)
    local files = find('book', 'labs', 'solutions')
    read_sources(files)
    local chapters = read_chapters(files)
    local index = site.read('book', chapters)
    complain_of_unused(files)
    if complain.tell() then
        os.exit(1)
    end
    local template = table.concat(cut.lines(here .. '/page.html'), '\n') .. '\n'
    site.write(out, template, index, chapters)
    return pandoc.Pandoc {}
end
