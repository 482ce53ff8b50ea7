#include "timeline.h"

#include "text.h"
#include "warn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Reading ----------------------------------------------------------------- */

enum { MOST_FIELDS = 4 };

/* Room for one more thing of this size. */
static void *
grow(void *things, size_t *count, size_t size)
{
    char *grown = realloc(things, (*count + 1) * size);

    if (grown == NULL)
        die("memory for a timeline:");
    memset(grown + *count * size, 0, size);
    ++*count;
    return grown;
}

static struct timeline_chart *
add_chart(struct timeline *timeline, const char *title)
{
    timeline->charts = grow(
        timeline->charts, &timeline->chart_count, sizeof *timeline->charts);
    struct timeline_chart *chart =
        &timeline->charts[timeline->chart_count - 1];
    chart->title = text_copy(title);
    return chart;
}

static struct timeline_chart *
last_chart(struct timeline *timeline)
{
    return timeline->chart_count > 0
               ? &timeline->charts[timeline->chart_count - 1]
               : add_chart(timeline, NULL);
}

static const char *
add_lane(struct timeline_chart *chart, char *const *fields)
{
    if (chart->title == NULL)
        return "a lane before the first chart";
    if (fields[1] == NULL)
        return "a lane without a name";
    chart->lanes =
        grow(chart->lanes, &chart->lane_count, sizeof *chart->lanes);
    struct timeline_lane *lane = &chart->lanes[chart->lane_count - 1];
    lane->name = text_copy(fields[1]);
    lane->words = text_copy(fields[2]);
    return NULL;
}

static bool
read_seconds(const char *word, double *seconds)
{
    char *end;

    if (word == NULL)
        return false;
    *seconds = strtod(word, &end);
    return end != word && *end == '\0' && isfinite(*seconds) && *seconds >= 0;
}

static const char *
add_span(struct timeline_chart *chart, char *const *fields)
{
    struct timeline_span span = {.works = strcmp(fields[0], "work") == 0};

    if (chart->lane_count == 0)
        return "a span before the first lane";
    if (!read_seconds(fields[1], &span.start_s) ||
        !read_seconds(fields[2], &span.end_s) || span.end_s < span.start_s)
        return "a span wants a start and an end, in seconds";
    struct timeline_lane *lane = &chart->lanes[chart->lane_count - 1];
    lane->spans = grow(lane->spans, &lane->span_count, sizeof *lane->spans);
    span.label = text_copy(fields[3]);
    lane->spans[lane->span_count - 1] = span;
    return NULL;
}

static const char *
add_note(struct timeline_chart *chart, char *const *fields)
{
    if (fields[1] == NULL)
        return "a note without words";
    chart->notes =
        grow(chart->notes, &chart->note_count, sizeof *chart->notes);
    chart->notes[chart->note_count - 1] = text_copy(fields[1]);
    return NULL;
}

/* One line, which is cut into its fields. What is wrong with it, or NULL. */
static const char *
read_line(struct timeline *timeline, char *line)
{
    char *fields[MOST_FIELDS] = {line};

    for (int i = 1; i < MOST_FIELDS && fields[i - 1] != NULL; i++) {
        fields[i] = strchr(fields[i - 1], '\t');
        if (fields[i] != NULL)
            *fields[i]++ = '\0';
    }
    if (strcmp(line, "chart") == 0 && fields[1] != NULL)
        return add_chart(timeline, fields[1]), NULL;
    if (strcmp(line, "lane") == 0)
        return add_lane(last_chart(timeline), fields);
    if (strcmp(line, "wait") == 0 || strcmp(line, "work") == 0)
        return add_span(last_chart(timeline), fields);
    if (strcmp(line, "note") == 0)
        return add_note(last_chart(timeline), fields);
    return "no line of a timeline";
}

char *
timeline_read(struct timeline *timeline, const char *tsv)
{
    char *copy = text_copy(tsv), *complaint = NULL, *next;

    *timeline = (struct timeline){0};
    int number = 1;
    for (char *line = copy; *line != '\0' && complaint == NULL; line = next) {
        next = line + strcspn(line, "\n");
        if (*next == '\n')
            *next++ = '\0';
        const char *wrong = read_line(timeline, line);
        if (wrong != NULL)
            complaint = text_format("line %d: %s: %s", number, wrong, line);
        number++;
    }
    free(copy);
    return complaint;
}

static void
free_lane(struct timeline_lane *lane)
{
    for (size_t i = 0; i < lane->span_count; i++)
        free(lane->spans[i].label);
    free(lane->spans);
    free(lane->name);
    free(lane->words);
}

void
timeline_free(struct timeline *timeline)
{
    for (size_t i = 0; i < timeline->chart_count; i++) {
        struct timeline_chart *chart = &timeline->charts[i];
        for (size_t k = 0; k < chart->lane_count; k++)
            free_lane(&chart->lanes[k]);
        for (size_t k = 0; k < chart->note_count; k++)
            free(chart->notes[k]);
        free(chart->lanes);
        free(chart->notes);
        free(chart->title);
    }
    free(timeline->charts);
}
