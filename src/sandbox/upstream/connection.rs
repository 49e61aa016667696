//! TCP connections that can be cut in the middle of anything, which no HTTP layer offers.
//!
//! Invariant: once a line is cut, not one more byte goes to the client, and the client sees a
//! reset instead of an orderly close.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use futures_util::task::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// One client's connection, as its request handler sees it.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    state: Arc<LineState>,
}

#[derive(Debug, Default)]
struct LineState {
    cut: AtomicBool,
    waker: AtomicWaker,
}

impl Line {
    /// Breaks the connection off at once.
    pub(super) fn cut(&self) {
        self.state.cut.store(true, Ordering::SeqCst);
        self.state.waker.wake();
    }

    fn is_cut(&self) -> bool {
        self.state.cut.load(Ordering::SeqCst)
    }
}

impl Connected<IncomingStream<'_, CuttableListener>> for Line {
    fn connect_info(stream: IncomingStream<'_, CuttableListener>) -> Self {
        stream.remote_addr().clone()
    }
}

/// Every open connection of one server.
#[derive(Debug, Clone, Default)]
pub(super) struct Lines {
    open: Arc<Mutex<(u64, HashMap<u64, Line>)>>,
}

impl Lines {
    /// Breaks every open connection off.
    pub(super) fn cut_all(&self) {
        for line in self.lock().1.values() {
            line.cut();
        }
    }

    fn open(&self) -> (u64, Line) {
        let mut open = self.lock();
        open.0 += 1;
        let number = open.0;
        let line = Line::default();
        open.1.insert(number, line.clone());
        (number, line)
    }

    fn closed(&self, number: u64) {
        self.lock().1.remove(&number);
    }

    fn lock(&self) -> MutexGuard<'_, (u64, HashMap<u64, Line>)> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A listener whose connections are [`Line`]s.
#[derive(Debug)]
pub(super) struct CuttableListener {
    inner: TcpListener,
    lines: Lines,
}

impl CuttableListener {
    /// Listens on loopback; port 0 takes any free one.
    ///
    /// # Errors
    /// When the port is taken.
    pub(super) async fn bind(port: u16, lines: Lines) -> io::Result<Self> {
        let inner = TcpListener::bind(("127.0.0.1", port)).await?;
        Ok(Self { inner, lines })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// When the system cannot tell.
    pub(super) fn address(&self) -> io::Result<SocketAddr> {
        self.inner.local_addr()
    }
}

impl Listener for CuttableListener {
    type Io = CuttableStream;
    type Addr = Line;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let Ok((stream, _)) = self.inner.accept().await else {
                // Out of file handles: other connections have to end first.
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            };
            if stream.set_nodelay(true).is_err() {
                continue;
            }
            let (number, line) = self.lines.open();
            let io = CuttableStream {
                stream,
                line: line.clone(),
                number,
                lines: self.lines.clone(),
            };
            return (io, line);
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(Line::default())
    }
}

/// The byte stream under one [`Line`].
#[derive(Debug)]
pub(super) struct CuttableStream {
    stream: TcpStream,
    line: Line,
    number: u64,
    lines: Lines,
}

impl CuttableStream {
    fn alive(&self, context: &Context<'_>) -> io::Result<()> {
        self.line.state.waker.register(context.waker());
        if self.line.is_cut() {
            // Lingering for no time makes the kernel send a reset.
            self.stream.set_zero_linger()?;
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(())
    }
}

impl Drop for CuttableStream {
    fn drop(&mut self) {
        self.lines.closed(self.number);
    }
}

impl AsyncRead for CuttableStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.alive(context)?;
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for CuttableStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.alive(context)?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.alive(context)?;
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.alive(context)?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
