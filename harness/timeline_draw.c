#include "report.h"
#include "text.h"
#include "timeline.h"

#include <stdlib.h>
#include <string.h>

/* Drawing. A cell is a column of a lane: it shows what fills most of it. */

enum { MARGIN = 2, GAP = 2, MOST_NAME = 16, MOST_WORDS = 24, TICK = 10 };

enum cell { CELL_NONE, CELL_WAITS, CELL_WORKS, CELL_LABEL };

struct page {
    FILE *out;
    const struct timeline_style *style;
    double end_s; /* of the axis */
    int name, words, cells;
};

/* Columns of UTF-8: bytes but those that continue a character. */
static int
width(const char *string)
{
    int columns = 0;

    for (; *string != '\0'; string++)
        columns += ((unsigned char)*string & 0xc0) != 0x80;
    return columns;
}

/* Print at most so many columns; returns how many are left. */
static int
put_cut(FILE *out, const char *string, int columns)
{
    const char *end = string;
    int shown = 0;

    while (*end != '\0' &&
           (shown < columns || ((unsigned char)*end & 0xc0) == 0x80)) {
        shown += ((unsigned char)*end & 0xc0) != 0x80;
        end++;
    }
    fprintf(out, "%.*s", (int)(end - string), string);
    return columns - shown;
}

static char *
show_seconds(double seconds)
{
    if (seconds < 0.1)
        return text_format("%.0f ms", seconds * 1e3);
    return text_format(seconds < 10 ? "%.2f s" : "%.1f s", seconds);
}

/* What stands beside a lane. */
static char *
words_of(const struct timeline_lane *lane)
{
    double works = 0, waits = 0;

    if (lane->words != NULL)
        return text_copy(lane->words);
    for (size_t i = 0; i < lane->span_count; i++) {
        const struct timeline_span *span = &lane->spans[i];
        *(span->works ? &works : &waits) += span->end_s - span->start_s;
    }
    if (works > 0 && waits > 0)
        return text_format("works %.0f %%", 100 * works / (works + waits));
    char *seconds = show_seconds(works > 0 ? works : waits);
    char *words = text_format("%s %s", works > 0 ? "works" : "waits", seconds);
    free(seconds);
    return words;
}

static void
measure_lane(struct page *page, const struct timeline_lane *lane)
{
    char *words = words_of(lane);

    if (width(lane->name) > page->name)
        page->name = width(lane->name);
    if (width(words) > page->words)
        page->words = width(words);
    for (size_t i = 0; i < lane->span_count; i++) {
        if (lane->spans[i].end_s > page->end_s)
            page->end_s = lane->spans[i].end_s;
    }
    free(words);
}

static void
measure(struct page *page, const struct timeline *timeline)
{
    for (size_t i = 0; i < timeline->chart_count; i++) {
        const struct timeline_chart *chart = &timeline->charts[i];
        for (size_t k = 0; k < chart->lane_count; k++)
            measure_lane(page, &chart->lanes[k]);
    }
    if (page->name > MOST_NAME)
        page->name = MOST_NAME;
    if (page->words > MOST_WORDS)
        page->words = MOST_WORDS;
    if (page->end_s <= 0)
        page->end_s = 1;
    page->cells =
        page->style->columns - MARGIN - page->name - page->words - 2 * GAP;
    if (page->cells < TICK)
        page->cells = TICK;
}

/* How much of [from, to) the lane works, or waits. */
static double
covered(const struct timeline_lane *lane, bool works, double from, double to)
{
    double sum = 0;

    for (size_t i = 0; i < lane->span_count; i++) {
        const struct timeline_span *span = &lane->spans[i];
        double start = span->start_s > from ? span->start_s : from;
        double end = span->end_s < to ? span->end_s : to;
        if (span->works == works && end > start)
            sum += end - start;
    }
    return sum;
}

static int
cell_of(const struct page *page, double seconds)
{
    int cell = (int)(seconds / page->end_s * page->cells);

    return cell < page->cells ? cell : page->cells - 1;
}

/* No work is so short that it is not seen, and no wait, unless something
 * else is there. */
static void
show_short_spans(const struct page *page, const struct timeline_lane *lane,
    enum cell *cells)
{
    for (size_t i = 0; i < lane->span_count; i++) {
        const struct timeline_span *span = &lane->spans[i];
        int last = cell_of(page, span->end_s);
        int middle = cell_of(page, (span->start_s + span->end_s) / 2);
        bool seen = false;
        for (int k = cell_of(page, span->start_s); k <= last; k++)
            seen = seen || cells[k] == CELL_WORKS;
        if (span->works && !seen)
            cells[middle] = CELL_WORKS;
        else if (cells[middle] == CELL_NONE)
            cells[middle] = span->works ? CELL_WORKS : CELL_WAITS;
    }
}

static void
fill_cells(const struct page *page, const struct timeline_lane *lane,
    enum cell *cells)
{
    double step = page->end_s / page->cells;

    for (int i = 0; i < page->cells; i++) {
        double works = covered(lane, true, i * step, (i + 1) * step);
        double waits = covered(lane, false, i * step, (i + 1) * step);
        cells[i] = CELL_NONE;
        if (works + waits >= step / 2)
            cells[i] = works >= waits ? CELL_WORKS : CELL_WAITS;
    }
    show_short_spans(page, lane, cells);
}

/* Put the labels that fit, with a cell to spare at both ends, over the
 * cells; `letters` has a byte a cell. */
static void
put_labels(const struct page *page, const struct timeline_lane *lane,
    enum cell *cells, char *letters)
{
    for (size_t i = 0; i < lane->span_count; i++) {
        const struct timeline_span *span = &lane->spans[i];
        if (span->label == NULL)
            continue;
        int first = cell_of(page, span->start_s);
        int length = (int)strlen(span->label);
        int room = cell_of(page, span->end_s) - first;
        if (length == 0 || length != width(span->label) || room < length + 2)
            continue;
        first += (room - length) / 2;
        for (int k = 0; k < length; k++) {
            cells[first + k] = CELL_LABEL;
            letters[first + k] = span->label[k];
        }
    }
}

static void
put_block(const struct page *page, enum cell kind, const char *letter)
{
    static const char *const blocks[] = {" ", "░", "█", NULL};
    static const char *const plain[] = {" ", ".", "#", NULL};
    static const char *const colours[] = {
        NULL, "\033[33m", "\033[32m", "\033[7m"};
    const char *shown = page->style->utf8 ? blocks[kind] : plain[kind];

    if (shown == NULL)
        shown = letter;
    if (page->style->colour && colours[kind] != NULL)
        fprintf(page->out, "%s%.*s\033[0m", colours[kind],
            kind == CELL_LABEL ? 1 : 8, shown);
    else
        fprintf(page->out, "%.*s", kind == CELL_LABEL ? 1 : 8, shown);
}

static void
put_lane(const struct page *page, const struct timeline_lane *lane)
{
    enum cell *cells = text_zeroed((size_t)page->cells, sizeof *cells);
    char *letters = text_zeroed((size_t)page->cells, 1);
    char *words = words_of(lane);

    fprintf(page->out, "%*s", MARGIN, "");
    int left = put_cut(page->out, lane->name, page->name);
    fprintf(page->out, "%*s", left + GAP, "");
    fill_cells(page, lane, cells);
    put_labels(page, lane, cells, letters);
    for (int i = 0; i < page->cells; i++)
        put_block(page, cells[i], &letters[i]);
    fprintf(page->out, "%*s", GAP, "");
    put_cut(page->out, words, page->words);
    fputc('\n', page->out);
    free(cells);
    free(letters);
    free(words);
}

/* Seconds between two ticks: 1, 2 or 5 times a power of ten; and how many
 * decimals that has. */
static double
tick_step(const struct page *page, int *decimals)
{
    double least = page->end_s * TICK / page->cells, step = 1e-9;
    int i = 0;

    for (; step < least; i++)
        step *= i % 3 == 1 ? 2.5 : 2;
    *decimals = i / 3 < 9 ? 9 - i / 3 : 0;
    return step;
}

static void
put_axis(const struct page *page)
{
    struct text marks = {0}, numbers = {0};
    int decimals;
    double step = tick_step(page, &decimals);

    for (int i = 0; i * step < page->end_s * (1 + 1e-9); i++) {
        int cell = cell_of(page, i * step);
        text_addf(&marks, "%*s%s", cell - (int)marks.length, "", "|");
        text_addf(&numbers, "%*s%.*f", cell - (int)numbers.length, "",
            i > 0 ? decimals : 0, i * step);
    }
    int left = MARGIN + page->name + GAP;
    fprintf(page->out, "%*s%s\n", left, "", text_string(&marks));
    fprintf(page->out, "%*s%s s\n", left, "", text_string(&numbers));
    text_free(&marks);
    text_free(&numbers);
}

static void
put_notes(const struct page *page, const struct timeline_chart *chart)
{
    for (size_t i = 0; i < chart->note_count; i++) {
        fprintf(page->out, "%*s", MARGIN, "");
        report_paragraph(page->out, MARGIN, chart->notes[i]);
    }
}

static void
put_chart(const struct page *page, const struct timeline_chart *chart)
{
    if (chart->title != NULL)
        fprintf(page->out, "%s\n", chart->title);
    for (size_t i = 0; i < chart->lane_count; i++)
        put_lane(page, &chart->lanes[i]);
    if (chart->lane_count > 0)
        put_axis(page);
    put_notes(page, chart);
    fputc('\n', page->out);
}

void
timeline_draw(FILE *out, const struct timeline *timeline,
    const struct timeline_style *style)
{
    struct page page = {.out = out, .style = style};
    bool has_lanes = false;

    measure(&page, timeline);
    for (size_t i = 0; i < timeline->chart_count; i++) {
        put_chart(&page, &timeline->charts[i]);
        has_lanes = has_lanes || timeline->charts[i].lane_count > 0;
    }
    if (!has_lanes)
        return;
    fprintf(out, "%*s", MARGIN, "");
    put_block(&page, CELL_WAITS, NULL);
    fputs(" waits   ", out);
    put_block(&page, CELL_WORKS, NULL);
    fputs(" works\n", out);
}
