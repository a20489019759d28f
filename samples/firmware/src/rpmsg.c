#include "rpmsg.h"
#include "platform.h"
#include "trace.h"

static const char service_name[RPMSG_NAME_SIZE] = "rpmsg-client-sample";   /* Linux has a driver of this name */
static uint32_t next_addr = 1024;       /* below are the addresses of fixed services */

static void log_event(const struct rpmsg_vdev *vdev, const char *what)
{
    trace_text("vdev ");
    trace_number(vdev->number);
    trace_text(what);
}

void rpmsg_vdev_init(struct rpmsg_vdev *vdev, volatile struct fw_rsc_vdev *rsc, unsigned number)
{
    vdev->rsc = rsc;
    vdev->number = number;
    vdev->addr = next_addr++;
}

/* The address is kept over a reset, so that a new announcement names the same endpoint. */
static void go_offline(struct rpmsg_vdev *vdev)
{
    vdev->online = vdev->announced = vdev->broken = false;
    log_event(vdev, ": reset by the host\n");
}

/* Without usable rings it stays offline and looks again at the next kick, but complains once. */
static void go_online(struct rpmsg_vdev *vdev)
{
    volatile struct fw_rsc_vdev_vring *ring = (volatile struct fw_rsc_vdev_vring *)(vdev->rsc + 1);

    platform_barrier();         /* status before what the host wrote ahead of it: ring addresses, features, buffers */
    if (!vring_open(&vdev->tx, &ring[0]) || !vring_open(&vdev->rx, &ring[1])) {
        if (!vdev->broken)
            log_event(vdev, ": no usable rings\n");
        vdev->broken = true;
        return;
    }
    vdev->broken = false;
    vdev->online = true;
    log_event(vdev, ": online\n");
}

/* A free buffer of the host's that holds a header and len bytes. */
static enum vring_status peek_tx(struct rpmsg_vdev *vdev, uint32_t len, struct vring_buffer *buffer)
{
    enum vring_status status = vring_peek(&vdev->tx, VRING_DESC_F_WRITE, buffer);
    return status == VRING_OK && buffer->len < sizeof(struct rpmsg_hdr) + len ? VRING_BROKEN : status;
}

static void send(struct rpmsg_vdev *vdev, const struct vring_buffer *buffer, uint32_t dst, const void *data, uint16_t len)
{
    struct rpmsg_hdr *message = (struct rpmsg_hdr *)buffer->data;
    message->src = vdev->addr;
    message->dst = dst;
    message->reserved = 0;
    message->len = len;
    message->flags = 0;
    for (uint32_t i = 0; i < len; i++)
        message->data[i] = ((const uint8_t *)data)[i];
    vring_return(&vdev->tx, buffer, sizeof *message + len);
}

static enum vring_status announce(struct rpmsg_vdev *vdev)
{
    struct vring_buffer buffer;
    enum vring_status status = peek_tx(vdev, sizeof(struct rpmsg_ns_msg), &buffer);
    if (status != VRING_OK)
        return status;

    struct rpmsg_ns_msg create;
    for (uint32_t i = 0; i < RPMSG_NAME_SIZE; i++)
        create.name[i] = service_name[i];
    create.addr = vdev->addr;
    create.flags = RPMSG_NS_CREATE;
    send(vdev, &buffer, RPMSG_NS_ADDR, &create, sizeof create);
    vring_notify(&vdev->tx);
    vdev->announced = true;
    return VRING_OK;
}

/* Answers the oldest message. Without a free buffer for the answer it stays where it is: that is our back pressure. */
static enum vring_status echo_one(struct rpmsg_vdev *vdev)
{
    struct vring_buffer in, out;
    enum vring_status status = vring_peek(&vdev->rx, 0, &in);
    if (status != VRING_OK)
        return status;
    if (in.len < sizeof(struct rpmsg_hdr))
        return VRING_BROKEN;

    const struct rpmsg_hdr *message = (const struct rpmsg_hdr *)in.data;
    uint16_t len = *(volatile const uint16_t *)&message->len;
    if (len > in.len - sizeof *message)
        return VRING_BROKEN;

    if (message->dst == vdev->addr) {           /* name service messages of the host, for instance, are not for us */
        status = peek_tx(vdev, len, &out);
        if (status != VRING_OK)
            return status;
        send(vdev, &out, message->src, message->data, len);
    }
    vring_return(&vdev->rx, &in, 0);
    return VRING_OK;
}

bool rpmsg_vdev_poll(struct rpmsg_vdev *vdev)
{
    bool driver_ok = (vdev->rsc->status & VIRTIO_CONFIG_S_DRIVER_OK) != 0;

    /* A driver may go and come back while we sleep: then status looks as before, but the rings have started afresh. */
    if (vdev->online && (!driver_ok || vring_was_reset(&vdev->tx) || vring_was_reset(&vdev->rx)))
        go_offline(vdev);
    if (!vdev->online && driver_ok)
        go_online(vdev);
    if (!vdev->online || vdev->broken)
        return false;

    enum vring_status status = VRING_OK;
    if (!vdev->announced && (vdev->rsc->gfeatures & VIRTIO_RPMSG_F_NS) != 0)
        status = announce(vdev);

    uint32_t echoed = 0;
    while (status == VRING_OK && echoed < vdev->rx.num) {
        status = echo_one(vdev);
        echoed += status == VRING_OK;
    }
    if (echoed > 0) {
        vring_notify(&vdev->tx);
        vring_notify(&vdev->rx);
    }
    if (status == VRING_BROKEN) {
        vdev->broken = true;
        log_event(vdev, ": ring broken by the host\n");
    }
    return echoed > 0;
}
