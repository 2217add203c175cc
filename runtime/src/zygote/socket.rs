//! Packets with descriptors, over a socket.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};

/// A packet has no more descriptors: the standard streams of a case.
const DESCRIPTORS: usize = 3;

/// Sends one packet.
///
/// # Errors
/// Nobody is there to receive it, or the kernel has no room.
pub fn send(
    socket: BorrowedFd<'_>,
    message: &[u8],
    descriptors: &[OwnedFd],
) -> rustix::io::Result<()> {
    let descriptors: Vec<_> = descriptors.iter().map(|one| one.as_fd()).collect();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() && !ancillary.push(SendAncillaryMessage::ScmRights(&descriptors)) {
        return Err(rustix::io::Errno::INVAL);
    }
    let parts = [IoSlice::new(message)];
    loop {
        match sendmsg(socket, &parts, &mut ancillary, SendFlags::NOSIGNAL) {
            Err(rustix::io::Errno::INTR) => {}
            other => return other.map(drop),
        }
    }
}

/// Receives the next packet into `buffer`; its length, and its descriptors. None when the other side is gone.
///
/// # Errors
/// Those of the kernel.
pub fn receive(
    socket: BorrowedFd<'_>,
    buffer: &mut [u8],
) -> io::Result<Option<(usize, Vec<OwnedFd>)>> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let received = loop {
        let mut parts = [IoSliceMut::new(buffer)];
        match recvmsg(socket, &mut parts, &mut ancillary, RecvFlags::CMSG_CLOEXEC) {
            Err(rustix::io::Errno::INTR) => {}
            other => break other?,
        }
    };
    if received.bytes == 0 {
        return Ok(None);
    }
    let mut descriptors = Vec::new();
    for part in ancillary.drain() {
        if let RecvAncillaryMessage::ScmRights(several) = part {
            descriptors.extend(several);
        }
    }
    Ok(Some((received.bytes, descriptors)))
}
