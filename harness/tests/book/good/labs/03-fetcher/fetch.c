/* The learner's own file may say what it likes: no region of the book. */
/* book: mine */
