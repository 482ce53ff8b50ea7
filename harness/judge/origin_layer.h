#ifndef ORIGIN_LAYER_H
#define ORIGIN_LAYER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * What lies between a socket of an origin server and the requests that come
 * over it, if anything does: TLS (origin_tls.h). A server without a layer
 * never needs the library that one is made with.
 */
struct origin_layer {
    /* The server's side of one connection, for the functions below. The
     * socket stays the caller's. */
    void *(*open)(const struct origin_layer *layer, int fd);

    /* As recv() and send() of a socket that does not wait. What the layer has
     * to say for itself comes and goes while one receives: `*moved` is set
     * when anything did. */
    ssize_t (*receive)(void *side, void *bytes, size_t room, bool *moved);
    ssize_t (*send)(void *side, const void *bytes, size_t length);

    /* Tell the client that nothing more will be sent. False: there is no room
     * for that now. */
    bool (*finish)(void *side);

    /* Nothing is sent. */
    void (*close)(void *side);
};

#endif
