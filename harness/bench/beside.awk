# usage: awk -v of=NAME -v beside=NAME -v unit=WORDS -v each=WORDS -f beside.awk
#
# Lines of a round, a name, a rate and a second figure; what is printed is the
# median of each with its spread, and the ratio within each round.

function median(list, n,   i, j, t) {
    for (i = 2; i <= n; i++)
        for (j = i; j > 1 && list[j - 1] > list[j]; j--) {
            t = list[j]; list[j] = list[j - 1]; list[j - 1] = t
        }
    least = list[1]; most = list[n]
    return list[int((n + 1) / 2)]
}

function tell(name,   i, m, s) {
    for (i = 1; i <= count[name]; i++) {
        list[i] = rate[name, round_of[name, i]]
        more[i] = second[name, round_of[name, i]]
    }
    s = median(more, count[name])
    m = median(list, count[name])
    printf "%-12s %.0f %s (%.0f to %.0f); %.4g %s\n", name, m, unit, least, \
        most, s, each
}

{
    round_of[$2, ++count[$2]] = $1
    rate[$2, $1] = $3
    second[$2, $1] = $4
}

END {
    tell(of)
    tell(beside)
    n = 0
    for (i = 1; i <= count[of]; i++)
        if ((beside, round_of[of, i]) in rate)
            ratios[++n] = rate[of, round_of[of, i]] / \
                rate[beside, round_of[of, i]]
    m = median(ratios, n)
    printf "%-12s %.2f times as many (%.2f to %.2f)\n", of, m, least, most
}
