# What a program wrote to a terminal of 80 columns, as a picture: an SVG whose
# text is text, on a ground of its own, which can be read on a light page and
# on a dark one. Knows the colours that `lab` uses (SGR 0, 1, 31, 32, 33);
# other control sequences are left out. title= names the picture.

BEGIN {
    COLUMN = 8.43
    ROW = 19
    class["1"] = "b"
    class["31"] = "r"
    class["32"] = "g"
    class["33"] = "y"
}

function escaped(text) {
    gsub(/&/, "\\&amp;", text)
    gsub(/</, "\\&lt;", text)
    gsub(/>/, "\\&gt;", text)
    return text
}

# The words in the colour that is on.
function span(words) {
    if (words == "")
        return ""
    if (colour == "")
        return escaped(words)
    return "<tspan class=\"" colour "\">" escaped(words) "</tspan>"
}

{
    sub(/\r$/, "")
    sub(/.*\r/, "") # progress, which the next words take the place of
    gsub(/\033\][^\033\007]*(\033\\|\007)/, "") # links
    rest = $0
    line = ""
    while (match(rest, /\033\[[0-9;?]*[A-Za-z]/)) {
        line = line span(substr(rest, 1, RSTART - 1))
        code = substr(rest, RSTART + 2, RLENGTH - 3)
        if (substr(rest, RSTART + RLENGTH - 1, 1) == "m")
            colour = code in class ? class[code] : ""
        rest = substr(rest, RSTART + RLENGTH)
    }
    lines[NR] = line span(rest)
    if (lines[NR] != "")
        last = NR
}

END {
    width = 80 * COLUMN + 40
    height = last * ROW + 34
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" " \
        "viewBox=\"0 0 %.0f %d\" width=\"%.0f\" height=\"%d\">\n", \
        width, height, width, height
    print "<title>" escaped(title) "</title>"
    print "<style>"
    print "text{font:14px ui-monospace,\"DejaVu Sans Mono\",Menlo," \
        "Consolas,monospace;fill:#e3e1dc;white-space:pre}"
    print ".b{font-weight:bold}.r{fill:#ff9d97}.g{fill:#9fd8a4}" \
        ".y{fill:#e8c37e}"
    print "</style>"
    printf "<rect x=\".5\" y=\".5\" width=\"%.0f\" height=\"%d\" rx=\"8\" " \
        "fill=\"#1b2027\" stroke=\"#5a6068\"/>\n", width - 1, height - 1
    for (i = 1; i <= last; i++) {
        if (lines[i] != "")
            printf "<text x=\"20\" y=\"%d\" xml:space=\"preserve\">%s" \
                "</text>\n", i * ROW + 12, lines[i]
    }
    print "</svg>"
}
