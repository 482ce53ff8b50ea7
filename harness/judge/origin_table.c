#include "judge/origin_table.h"

#include <unistd.h>

static bool
is_of(const struct origin_connection *connection, int host)
{
    return connection->fd >= 0 && (host == 0 || connection->host == host);
}

int
origin_table_in_flight(const struct origin_table *table, int host)
{
    int count = 0;

    for (int i = 0; i < table->used; i++) {
        const struct origin_connection *connection = &table->list[i];
        count += is_of(connection, host) && !connection->finished &&
                 !connection->idle;
    }
    return count;
}

static int
count_open(const struct origin_table *table, int host)
{
    int count = 0;

    for (int i = 0; i < table->used; i++)
        count += is_of(&table->list[i], host);
    return count;
}

static void
note(struct origin_table *table, int host)
{
    struct origin_count *most = &table->counts[host];
    int in_flight = origin_table_in_flight(table, host);
    int open = count_open(table, host);

    if (in_flight > most->most_in_flight)
        most->most_in_flight = in_flight;
    if (open > most->most_open)
        most->most_open = open;
}

void
origin_table_note(struct origin_table *table)
{
    for (int host = 0; host < ORIGIN_HOSTS; host++) {
        if (table->counts[host].accepted > 0)
            note(table, host);
    }
}

static struct origin_connection *
free_connection(struct origin_table *table)
{
    for (int i = 0; i < table->used; i++) {
        if (table->list[i].fd < 0)
            return &table->list[i];
    }
    return table->used == ORIGIN_MOST_CONNECTIONS
               ? NULL
               : &table->list[table->used++];
}

static void
add(struct origin_table *table, int fd, const struct origin_listener *listener,
    int64_t now_ns)
{
    struct origin_connection *connection = free_connection(table);
    int host = origin_listener_host(listener);

    if (connection == NULL) {
        close(fd);
        return;
    }
    table->counts[host].accepted++;
    *connection = (struct origin_connection){.fd = fd,
        .number = ++table->counts[0].accepted,
        .host = host,
        .late = listener->kind == ORIGIN_LISTENS_LATE,
        .connected_ns = now_ns};
    origin_connection_open(connection, listener->layer);
}

bool
origin_table_accept(struct origin_table *table,
    const struct origin_listener *listener, int64_t now_ns)
{
    bool came = false;
    int fd;

    while ((fd = origin_listener_accept(listener)) >= 0) {
        add(table, fd, listener, now_ns);
        came = true;
    }
    return came;
}

int64_t
origin_table_next_ns(const struct origin_table *table, int64_t now_ns)
{
    int64_t next = INT64_MAX;

    for (int i = 0; i < table->used; i++) {
        const struct origin_connection *connection = &table->list[i];
        int64_t at_ns = connection->fd >= 0
                            ? origin_connection_next_ns(connection)
                            : INT64_MAX;
        if (at_ns > now_ns && at_ns < next)
            next = at_ns;
    }
    return next;
}
