-- Text as it stands in HTML.

local names = { ['&'] = '&amp;', ['<'] = '&lt;', ['>'] = '&gt;', ['"'] = '&quot;' }

return function(text)
    return (text:gsub('[&<>"]', names))
end
