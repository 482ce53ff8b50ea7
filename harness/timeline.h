#ifndef TIMELINE_H
#define TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * Timelines: who waited and who worked, when; one look for all of them.
 *
 * A chart is a lane a task or thread, waiting hollow and working solid, all
 * on one axis of time, which all charts of a timeline share, so that they
 * can be compared by eye. Whoever measured something writes it as lines of
 * words with tabs in between (TSV):
 *
 *     chart  TITLE               begins a chart
 *     lane   NAME  [WORDS]       begins a lane of it
 *     wait   START  END  [LABEL] a span of the lane, in seconds
 *     work   START  END  [LABEL]
 *     note   PARAGRAPH           below the chart; before the first, on top
 *
 * Spans of a lane may come in any order, and should not overlap. Words
 * stand beside the lane; without any, it says how long it worked, or
 * waited. A label is drawn into its span where there is room.
 */
struct timeline_span {
    bool works; /* else it waits */
    double start_s, end_s;
    char *label; /* or NULL */
};

struct timeline_lane {
    char *name;
    char *words; /* or NULL */
    struct timeline_span *spans;
    size_t span_count;
};

struct timeline_chart {
    char *title; /* NULL of the first one, which has no lanes: what stands
                  * on top */
    struct timeline_lane *lanes;
    size_t lane_count;
    char **notes;
    size_t note_count;
};

struct timeline {
    struct timeline_chart *charts;
    size_t chart_count;
};

/* Read a timeline from TSV; free it with timeline_free(), whatever was
 * returned. Returns NULL, or what is wrong with it ("line 3: …"; the caller
 * frees that). */
char *timeline_read(struct timeline *timeline, const char *tsv);
void timeline_free(struct timeline *timeline);

struct timeline_style {
    int columns; /* of a chart, 40 or more; notes go to column 80 */
    bool utf8;   /* blocks; else ASCII */
    bool colour;
};

/* Draw all charts, with the axis below each and a legend at the end. */
void timeline_draw(FILE *out, const struct timeline *timeline,
    const struct timeline_style *style);

#endif
