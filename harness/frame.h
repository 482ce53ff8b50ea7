#ifndef FRAME_H
#define FRAME_H

/*
 * A frame for a new lab, made from the templates in harness/new/.
 *
 * That folder has the shape of the repository. In the paths and in the text
 * of its files these stand for the names of the new lab:
 *
 *     __STEM__   42-first-answers    __NN__  42    __N__  42 (of 07: 7)
 *     __SLUG__   first-answers       __TITLE__  First answers
 *     __NAME__   first (of first.c)  __GUARD__  FIRST_H
 *     __CHAPTER__  the title that the contents of the book (book/index.md)
 *                  have planned for 42, else that of the lab
 *
 * A chapter that the contents do not have is put into them.
 */

/* The places of a lab, for printf() with its stem; and how many. */
enum { FRAME_PLACES = 3 };
extern const char *const frame_places[FRAME_PLACES];

/* What the learner's file and its header are called, without their ends:
 * the first word of the slug. The caller frees it. */
char *frame_name(const char *stem);

/* Make the three places of the lab NN-slug, none of which is there. When it
 * returns all are, and the contents have the chapter; when it dies none is. */
void frame_make(const char *stem);

#endif
