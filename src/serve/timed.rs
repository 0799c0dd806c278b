//! A connection that ends when its peer is idle for too long or too slow with a request's head.
//!
//! hyper has one time-out for both, which would have to be as long as a connection may be idle.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::limits::{HEAD_SECONDS_MAX, IDLE_SECONDS_MAX};

/// Whether a request is being answered: its head is complete, and its time is bounded elsewhere.
#[derive(Clone, Debug, Default)]
pub struct Busy(Arc<BusyState>);

#[derive(Debug, Default)]
struct BusyState {
    now: AtomicBool,
    /// Requests answered: one may begin and end between two reads.
    answered: AtomicU64,
}

impl Busy {
    /// Marks the connection as busy until the guard is dropped.
    pub fn enter(&self) -> BusyGuard {
        self.0.now.store(true, Ordering::Release);
        BusyGuard(self.clone())
    }

    fn answered(&self) -> u64 {
        self.0.answered.load(Ordering::Acquire)
    }

    fn is_set(&self) -> bool {
        self.0.now.load(Ordering::Acquire)
    }
}

/// See [`Busy::enter`].
pub struct BusyGuard(Busy);

impl Drop for BusyGuard {
    fn drop(&mut self) {
        self.0.0.answered.fetch_add(1, Ordering::Release);
        self.0.0.now.store(false, Ordering::Release);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waiting {
    /// For the first byte of a request.
    Idle,
    /// For the rest of its head.
    Head,
    /// For nothing: it is being answered.
    Busy,
}

/// A stream with time-outs for reading while no request is being answered.
pub struct Timed<S> {
    stream: S,
    busy: Busy,
    answered: u64,
    waiting: Waiting,
    deadline: Pin<Box<Sleep>>,
}

impl<S> Timed<S> {
    /// Bounds the waiting on `stream`; `busy` tells when a request is being answered.
    pub fn new(stream: S, busy: Busy) -> Self {
        // The first request must begin as promptly as its head must follow.
        let deadline = Box::pin(sleep_until(after(HEAD_SECONDS_MAX)));
        Self {
            stream,
            busy,
            answered: 0,
            waiting: Waiting::Head,
            deadline,
        }
    }

    fn now_waiting_for(&mut self, waiting: Waiting) {
        if self.waiting != waiting {
            self.waiting = waiting;
            match waiting {
                Waiting::Idle => self.deadline.as_mut().reset(after(IDLE_SECONDS_MAX)),
                Waiting::Head => self.deadline.as_mut().reset(after(HEAD_SECONDS_MAX)),
                Waiting::Busy => {}
            }
        }
    }
}

fn after(seconds: u64) -> Instant {
    Instant::now() + Duration::from_secs(seconds)
}

impl<S: AsyncRead + Unpin> AsyncRead for Timed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let answered = self.busy.answered();
        if self.busy.is_set() || answered != self.answered {
            self.answered = answered;
            self.now_waiting_for(Waiting::Busy);
        }
        if !self.busy.is_set() && self.waiting == Waiting::Busy {
            self.now_waiting_for(Waiting::Idle);
        }
        let before = buffer.filled().len();
        match Pin::new(&mut self.stream).poll_read(context, buffer) {
            Poll::Ready(result) => {
                if self.waiting == Waiting::Idle && buffer.filled().len() > before {
                    self.now_waiting_for(Waiting::Head);
                }
                Poll::Ready(result)
            }
            Poll::Pending if self.waiting == Waiting::Busy => Poll::Pending,
            Poll::Pending => {
                ready!(self.deadline.as_mut().poll(context));
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Timed<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
