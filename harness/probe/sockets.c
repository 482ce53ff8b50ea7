#include "probe/faults.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * Sockets: faults at their calls. A call that waits in the kernel is the
 * real one, in virtual time too; the judge finds the program asleep there.
 */

int __wrap_socket(int domain, int type, int protocol);
int __wrap_connect(int fd, const struct sockaddr *address, socklen_t size);
ssize_t __wrap_send(int fd, const void *bytes, size_t length, int flags);
ssize_t __wrap_recv(int fd, void *buffer, size_t length, int flags);
int __wrap_getsockopt(
    int fd, int level, int option, void *value, socklen_t *size);
int __wrap_setsockopt(
    int fd, int level, int option, const void *value, socklen_t size);
int __wrap_fcntl(int fd, int command, ...);
int __wrap_fcntl64(int fd, int command, ...)
    __attribute__((alias("__wrap_fcntl")));
int __wrap_shutdown(int fd, int how);

int
__wrap_socket(int domain, int type, int protocol)
{
    struct fault_action action = faults_take(WRAPPED_socket);

    return action.fault == FAULT_ERROR
               ? faults_fail(action)
               : (int)REAL(socket, domain, type, protocol);
}

/* A signal interrupts connect(): the connection is being made all the
 * same. */
static int
interrupt_connect(int fd, const struct sockaddr *address, socklen_t size)
{
    int flags = fcntl(fd, F_GETFL);

    fcntl(fd, F_SETFL, flags | O_NONBLOCK);
    int result = connect(fd, address, size);
    int error = result == 0 || errno == EINPROGRESS ? EINTR : errno;
    fcntl(fd, F_SETFL, flags);
    errno = error;
    return -1;
}

int
__wrap_connect(int fd, const struct sockaddr *address, socklen_t size)
{
    struct fault_action action = faults_take(WRAPPED_connect);
    int result;

    if (action.fault == FAULT_ERROR && action.value == EINTR)
        return interrupt_connect(fd, address, size);
    if (action.fault == FAULT_ERROR)
        return faults_fail(action);
    result = (int)REAL(connect, fd, address, size);
    int error = errno;
    if (result == 0 || error == EINPROGRESS)
        faults_moved();
    else if (error == EALREADY)
        faults_refused(WRAPPED_connect);
    errno = error;
    return result;
}

ssize_t
__wrap_send(int fd, const void *bytes, size_t length, int flags)
{
    struct fault_action action = faults_take_on(WRAPPED_send, fd, true);
    ssize_t put;

    if (action.fault == FAULT_ERROR && action.value == EPIPE &&
        !(flags & MSG_NOSIGNAL))
        raise(SIGPIPE);
    if (action.fault == FAULT_ERROR)
        put = faults_fail(action);
    else
        put = REAL(send, fd, bytes, faults_cap(action, length), flags);
    return faults_put(WRAPPED_send, put);
}

/* To look at bytes that then stay where they are is not to get on. */
ssize_t
__wrap_recv(int fd, void *buffer, size_t length, int flags)
{
    struct fault_action action = faults_take_on(WRAPPED_recv, fd, false);
    ssize_t got;

    if (action.fault == FAULT_ERROR)
        got = faults_fail(action);
    else
        got = REAL(recv, fd, buffer, faults_cap(action, length), flags);
    if (got > 0 && (flags & MSG_PEEK))
        return got;
    return faults_got(WRAPPED_recv, got, length);
}

int
__wrap_getsockopt(int fd, int level, int option, void *value, socklen_t *size)
{
    struct fault_action action = faults_take(WRAPPED_getsockopt);

    return action.fault == FAULT_ERROR
               ? faults_fail(action)
               : (int)REAL(getsockopt, fd, level, option, value, size);
}

int
__wrap_setsockopt(
    int fd, int level, int option, const void *value, socklen_t size)
{
    struct fault_action action = faults_take(WRAPPED_setsockopt);

    return action.fault == FAULT_ERROR
               ? faults_fail(action)
               : (int)REAL(setsockopt, fd, level, option, value, size);
}

/* The third argument is an int, a pointer or not there; handed on as a
 * pointer it is any of them, as in the C library's own fcntl(). */
int
__wrap_fcntl(int fd, int command, ...)
{
    struct fault_action action = faults_take(WRAPPED_fcntl);
    va_list args;

    va_start(args, command);
    void *argument = va_arg(args, void *);
    va_end(args);
    return action.fault == FAULT_ERROR
               ? faults_fail(action)
               : (int)REAL(fcntl, fd, command, argument);
}

int
__wrap_shutdown(int fd, int how)
{
    struct fault_action action = faults_take(WRAPPED_shutdown);

    return action.fault == FAULT_ERROR ? faults_fail(action)
                                       : (int)REAL(shutdown, fd, how);
}
