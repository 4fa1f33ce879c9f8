// SPDX-License-Identifier: Apache-2.0
#include "worker_main.h"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "service.h"
#include "worker/error.h"
#include "worker/handshake.h"
#include "xpuruntime/error.h"

namespace xpuruntime::worker_service {
namespace {

constexpr int kWrongArguments = 2;
constexpr int kWrongProtocol = 11;

/// Now, whatever other threads are doing: nobody waits for it any more.
[[noreturn]] void leave(worker::Channel& channel, int code) {
  channel.abandon();
  std::_Exit(code);
}

/// SIGTERM comes when the parent dies, and from people.
void leave_on_sigterm(worker::Channel& channel) {
  sigset_t term;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  std::thread([&channel, term] {
    int signal = 0;
    while (sigwait(&term, &signal) != 0) {
    }
    leave(channel, 0);
  }).detach();
}

/// Before there are threads, which inherit it.
void block_sigterm() {
  sigset_t term;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &term, nullptr);
}

void say(const char* what) { std::fprintf(stderr, "xpurt worker: %s\n", what); }

/// Never returns, as runs may go on that use the service.
[[noreturn]] void serve_until_the_end(Service& service, worker::Channel& channel) {
  try {
    service.serve();
  } catch (const worker::PeerGone&) {
    leave(channel, 0);
  } catch (const worker::BadFrame& error) {
    say(error.what());
    refuse(channel, error);
    leave(channel, kWrongProtocol);
  } catch (const std::exception& error) {
    say(error.what());
    leave(channel, kWrongProtocol);
  }
  leave(channel, 0);
}

}  // namespace

int worker_main(const worker::WorkerArguments& arguments) {
  block_sigterm();
  worker::Hello hello{.worker = "xpurt " XPURT_VERSION, .pid = getpid()};
  if (const char* token = std::getenv(worker::kTokenVariable)) hello.token = token;
  unsetenv(worker::kTokenVariable);
  std::unique_ptr<worker::Channel> channel;
  try {
    channel = worker::open_worker_end(arguments);
  } catch (const worker::PeerGone&) {
    return 0;
  } catch (const std::exception& error) {
    say(error.what());
    return kWrongArguments;
  }
  leave_on_sigterm(*channel);
  try {
    greet_parent(*channel, hello, worker::Clock::now() + std::chrono::seconds(30));
    Service service(*channel);
    serve_until_the_end(service, *channel);
  } catch (const worker::PeerGone&) {
    leave(*channel, 0);
  } catch (const std::exception& error) {
    say(error.what());
    leave(*channel, kWrongProtocol);
  }
}

}  // namespace xpuruntime::worker_service
