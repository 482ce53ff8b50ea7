-- Runs the `console` blocks of one chapter: a pandoc filter, called by
-- book/record in a fresh copy of the repository. It either says where the
-- chapter differs from what was seen, or writes what was seen into it.
--
-- pandoc says which blocks there are and what their attributes are; where
-- they stand is found by reading the lines, and both must agree. So nothing
-- of the chapter changes but the bodies of these blocks.

local tree, chapter, mode, state -- the metadata; book/record says what
local differs, unchecked = false, false

local function fail(message, ...)
    io.stderr:write('record: ', message:format(...), '\n')
    os.exit(2)
end

local function complain(line, message, ...)
    io.stdout:write(('%s:%d: '):format(chapter, line), message:format(...), '\n')
    differs = true
end

local function read_file(path)
    local file, why = io.open(path, 'rb')
    if not file then fail('%s', why) end
    local text = file:read('a')
    file:close()
    return text
end

local function write_file(path, text)
    local file, why = io.open(path, 'wb')
    if not (file and file:write(text) and file:close()) then
        fail('%s: %s', path, why or 'cannot be written')
    end
end

-- The lines of a text, without what ends them.
local function lines_of(text)
    local lines = {}
    for line in (text .. '\n'):gmatch('(.-)\n') do lines[#lines + 1] = line end
    if lines[#lines] == '' then lines[#lines] = nil end
    return lines
end

local function quoted(word)
    return "'" .. word:gsub("'", "'\\''") .. "'"
end

-- --- Where the blocks stand --------------------------------------------------

-- The fenced blocks of class console: {first, last} are their bodies' lines.
local function find_blocks(lines)
    local blocks, fence, block = {}, nil, nil
    for number, line in ipairs(lines) do
        if fence then
            local close = line:match('^ ? ? ?([`~]+)%s*$')
            if close and close:sub(1, 1) == fence:sub(1, 1) and #close >= #fence then
                if block then block.last = number - 1 end
                fence, block = nil, nil
            end
        else
            local indent, open, words = line:match('^(%s*)(```+)(.*)$')
            if not open then indent, open, words = line:match('^(%s*)(~~~+)(.*)$') end
            if open and not words:find('`') then
                fence = open
                if words:find('^%s*console%s*$') or words:find('{.*%.console%f[^%w_-]') then
                    block = {first = number + 1, indent = indent}
                    blocks[#blocks + 1] = block
                end
            end
        end
    end
    return blocks
end

-- Adds to each of them what pandoc makes of it.
local function join(blocks, doc, lines)
    local codes = {}
    doc:walk {CodeBlock = function(code)
        if code.classes:includes('console') then codes[#codes + 1] = code end
    end}
    for i = 1, math.max(#blocks, #codes) do
        local block, code = blocks[i], codes[i]
        if not block or block.indent ~= '' or not block.last or not code or
                table.concat(lines, '\n', block.first, block.last) ~= code.text then
            fail('%s:%d: this console block is not read as one by pandoc: it stands '
                .. 'in column 0, with an empty line in front of it', chapter,
                block and block.first - 1 or 1)
        end
        block.attributes = code.attributes
    end
end

-- --- Commands and what they say ----------------------------------------------

-- The body of a block as {line, command, said = {lines}}.
local function commands_of(block, lines)
    local commands, command = {}, nil
    for number = block.first, block.last do
        local line = lines[number]
        if line:sub(1, 2) == '$ ' then
            command = {line = number, command = line:sub(3), last = number, said = {}}
            commands[#commands + 1] = command
        elseif not command then
            fail('%s:%d: a console block begins with a command: "$ …"', chapter,
                number)
        elseif line:sub(1, 2) == '> ' and number == command.last + 1 then
            command.command = command.command .. '\n' .. line:sub(3)
            command.last = number
        else
            command.said[#command.said + 1] = line
        end
    end
    return commands
end

-- Where it runs and what it exports goes on to the next. Its exit status is
-- none of ours, so what `timeout` says can only be its own.
local wrapper = [[
ulimit -c 0
cd "$(cat "$1/directory")" || exit
. "$1/exported"
trap 'pwd >"$1/directory"; export -p >"$1/exported"; exit 0' EXIT
eval "$(cat "$1/command")"
]]

local function run(command)
    local limit = os.getenv('RECORD_LIMIT_S')
    write_file(state .. '/command', command.command)
    local _, _, status = os.execute(('setsid --wait timeout -k 5 %s bash -c %s '
        .. 'bash %s </dev/null >%s 2>&1'):format(limit, quoted(wrapper),
        quoted(state), quoted(state .. '/output')))
    if status == 124 or status == 137 then
        complain(command.line, 'has not ended after %s s, and was killed: '
            .. 'a command must end by itself', limit)
    end
end

-- Empty lines before the next prompt are not shown.
local function without_last_blanks(lines)
    local last = #lines
    while lines[last] == '' do last = last - 1 end
    return table.move(lines, 1, last, 1, {})
end

-- What a person would have seen: without colours, and with another name for
-- the folder. make's last line about an exit status comes when it likes.
local function seen()
    local folder = state .. '/home'
    local text = read_file(state .. '/output')
    text = text:gsub('\27%[[%d;]*[A-Za-z]', '')
    text = text:gsub(folder:gsub('%p', '%%%0'), '~')
    local lines = {}
    for _, line in ipairs(lines_of(text)) do
        local why = line:match('^make: %*%*%* %[Makefile:%d+: [%w_-]+%] (.*)$')
        if why ~= 'Error 1' and why ~= 'Broken pipe' then
            -- "bash: line 4: 4711 Aborted   build/…": at a prompt, one word
            line = line:gsub('^bash: line %d+: +%d+ (%u[%a ]-)   +.*$', '%1')
            line = line:gsub('^bash: line %d+: ', 'bash: ')
            lines[#lines + 1] = line:gsub('%s+$', '')
        end
    end
    return without_last_blanks(lines)
end

-- --- Comparing ---------------------------------------------------------------

local function fold(line, varies)
    line = line:gsub('%s+$', ''):gsub('Makefile:%d+', 'Makefile:0')
    if varies == 'bars' then
        for _, bar in ipairs {'░', '▒', '▓', '█', '▏', '▎', '▍', '▌', '▋', '▊', '▉'} do
            line = line:gsub(bar, '\2')
        end
        line = line:gsub(' *\2[ \2]*', '\2')
    end
    if varies then
        line = line:gsub('0x%x+', '0'):gsub('%d[%d.,]*[eE][-+]%d+', '0')
        line = line:gsub(' *%d[%d.,]* *', '\1'):gsub('  +', ' ')
    end
    if varies == 'bars' then -- the axis, too, and its unit
        line = line:gsub(' *|[ |]*', '|'):gsub('\1+', '\1')
        line = line:gsub('\1m?s%f[^%w]', '\1')
    end
    return line
end

-- Does the line look as said? `…` stands for any characters.
local function line_fits(said, line)
    local pattern = said:gsub('[%p]', '%%%0'):gsub('…', '.*')
    return line:find('^' .. pattern .. '$') ~= nil
end

-- Do these lines look as said? A line that is only `…` stands for any lines.
local function fits(said, lines, varies)
    local reached = {[0] = true} -- so many lines may have been used up
    for _, want in ipairs(without_last_blanks(said)) do
        local next_reached = {}
        local any, from = want:match('^%s*…%s*$'), nil
        local folded = fold(want, varies)
        for used = 0, #lines do
            from = from or reached[used]
            if any then
                next_reached[used] = from
            elseif reached[used] and used < #lines and
                    line_fits(folded, fold(lines[used + 1], varies)) then
                next_reached[used + 1] = true
            end
        end
        reached = next_reached
    end
    return reached[#lines] == true
end

-- A number that is longer may break a paragraph elsewhere: indented lines that
-- follow each other, as one.
local function unbroken(lines)
    local joined, indent = {}, nil
    for _, line in ipairs(lines) do
        local blanks, words = line:match('^(  +)(%S.*)$')
        if blanks and blanks == indent then
            joined[#joined] = joined[#joined] .. ' ' .. words
        else
            joined[#joined + 1] = line
        end
        indent = blanks
    end
    return joined
end

local function looks_as_said(said, lines, varies)
    return fits(said, lines, varies) or
        varies and fits(unbroken(said), unbroken(lines), varies)
end

local function show_difference(command, lines)
    local old, new = state .. '/the book says', state .. '/seen now'
    write_file(old, table.concat(command.said, '\n') .. '\n')
    write_file(new, table.concat(lines, '\n') .. '\n')
    complain(command.line, 'prints something else: make record CHAPTER=%s',
        chapter:match('/(%d+)') or chapter:match('/(.*)%.md$'))
    io.stdout:write('$ ', command.command, '\n')
    io.stdout:flush()
    os.execute(('cd %s && diff -U 3 "the book says" "seen now" | '
        .. 'sed "s/\\t.*//"'):format(quoted(state)))
end

-- --- The learner's file ------------------------------------------------------

local function glob(pattern)
    local pipe = io.popen('ls -d ' .. pattern .. ' 2>/dev/null')
    local path = pipe:read('l')
    pipe:close()
    return path
end

-- Puts `file=` in place; returns what is wrong, or nothing.
local function put_file(name, lab)
    local folder = glob('labs/' .. lab .. '-*/')
    if not folder then return 'there is no lab ' .. lab end
    local stem = folder:match('labs/([^/]*)')
    local file = read_file(folder .. 'lab.yaml'):match('\nfile: *([%w_.-]+)')
    local mine, reference = folder .. file, 'solutions/' .. stem .. '/' .. file
    local path = ({starter = folder .. 'starter.c', solution = reference})[name]
    local command
    if name:find('^wrong/') then
        path = 'solutions/' .. stem .. '/' .. name .. '.patch'
        local whole = quoted(state .. '/reference') -- which may be a link
        command = ('cat %s >%s && rm -f %s && patch -s -o %s %s %s'):format(
            reference, whole, mine, mine, whole, quoted(path))
    else
        path = path or 'solutions/' .. stem .. '/' .. name .. '.c'
        command = ('cp -L %s %s'):format(quoted(path), mine)
    end
    local there = io.open(path)
    if not there then return 'there is no ' .. path end
    there:close()
    if not os.execute(command) then return path .. ' does not go on top of '
        .. reference end
end

-- --- A block -----------------------------------------------------------------

local known = {file = true, lab = true, varies = true, needs = true,
    norun = true}

-- May it be run here? Says why not.
local function runs(block)
    local attributes, line = block.attributes, block.first - 1
    for name in pairs(attributes) do
        if not known[name] then fail('%s:%d: unknown attribute %s', chapter, line,
            name) end
    end
    local varies = attributes.varies
    if varies and varies ~= 'numbers' and varies ~= 'bars' then
        fail('%s:%d: varies="%s": "numbers" or "bars" may vary', chapter, line,
            varies)
    end
    if attributes.norun then return false end
    for tool in (attributes.needs or ''):gmatch('%S+') do
        if not os.execute('command -v ' .. quoted(tool) .. ' >' .. state ..
                '/found') then
            io.stdout:write(('%s:%d: could not check: %s is missing\n'):format(
                chapter, line, tool))
            unchecked = true
            return false
        end
    end
    return true
end

-- Returns the lines that stand for a command in the chapter from now on.
local function settle(command, lines, varies)
    if looks_as_said(command.said, lines, varies) then return command.said end
    if mode == 'check' then
        show_difference(command, lines)
        return command.said
    end
    io.stdout:write(('%s:%d: changed%s\n'):format(chapter, command.line,
        table.concat(command.said):find('…') and
        ', and written whole: shorten it again' or ''))
    return lines
end

local function run_block(block, lines)
    local attributes, new = block.attributes, {}
    if attributes.file then
        local lab = attributes.lab or chapter:match('(%d+)')
        local wrong = put_file(attributes.file, lab)
        if wrong then fail('%s:%d: %s', chapter, block.first - 1, wrong) end
    end
    for _, command in ipairs(commands_of(block, lines)) do
        run(command)
        local printed = seen()
        for i, line in ipairs(printed) do
            if line:sub(1, 2) == '$ ' or i == 1 and line:sub(1, 2) == '> ' then
                fail('%s:%d: prints a line that looks like a prompt: cut it away',
                    chapter, command.line)
            end
        end
        for number = command.line, command.last do
            new[#new + 1] = lines[number]
        end
        for _, line in ipairs(settle(command, printed, attributes.varies)) do
            new[#new + 1] = line
        end
    end
    block.new = new
end

-- --- The chapter -------------------------------------------------------------

-- Its text, with the new bodies.
local function renewed(text, blocks)
    local lines, at = {}, 1
    local old = lines_of(text)
    for _, block in ipairs(blocks) do
        if block.new then
            table.move(old, at, block.first - 1, #lines + 1, lines)
            table.move(block.new, 1, #block.new, #lines + 1, lines)
            at = block.last + 1
        end
    end
    table.move(old, at, #old, #lines + 1, lines)
    return table.concat(lines, '\n') .. (text:sub(-1) == '\n' and '\n' or '')
end

function Pandoc(doc)
    local meta = pandoc.utils.stringify
    tree, chapter = meta(doc.meta.tree), meta(doc.meta.chapter)
    mode, state = meta(doc.meta.mode), meta(doc.meta.state)
    local path = tree .. '/' .. chapter
    local text = read_file(path)
    local lines = lines_of(text)
    local blocks = find_blocks(lines)

    join(blocks, doc, lines)
    write_file(state .. '/directory', pandoc.system.get_working_directory())
    write_file(state .. '/exported', '')
    for _, block in ipairs(blocks) do
        if runs(block) then run_block(block, lines) end
    end
    local new = renewed(text, blocks)
    if mode == 'write' and new ~= text then
        if read_file(path) ~= text then
            fail('%s was changed meanwhile, so nothing is written: once more',
                chapter)
        end
        write_file(path .. '.new', new)
        os.rename(path .. '.new', path)
    end
    io.stdout:flush()
    os.exit(differs and 1 or unchecked and 77 or 0)
end
