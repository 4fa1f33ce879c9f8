// SPDX-License-Identifier: Apache-2.0
#include "interrupt.h"

#include <semaphore.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <ctime>
#include <system_error>
#include <thread>

namespace xpuruntime::python {
namespace {

namespace nb = nanobind;

struct sigaction before_ours{};  // Python's
sem_t signalled;                 // posted by the handler
pid_t process_of_thread = 0;     // a child of fork() has no thread yet

bool raises_keyboard_interrupt() {
  const nb::module_ signals = nb::module_::import_("signal");
  return signals.attr("getsignal")(SIGINT).is(signals.attr("default_int_handler"));
}

/// A number that changes every 67 ms. Coarse, for it is asked in every run.
int64_t moment() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return now.tv_sec * 16 + (now.tv_nsec >> 26);
}

}  // namespace

void MainRun::note_main_thread() {
  const nb::object thread = nb::module_::import_("threading").attr("main_thread")();
  main_thread_ = static_cast<pthread_t>(nb::cast<unsigned long>(thread.attr("ident")));
  sem_init(&signalled, 0, 0);
  watch();
}

void MainRun::begin(const InferenceSession& session, std::stop_source* stop) {
  static int64_t looked_at = 0;
  if (const int64_t now = moment(); now != looked_at) {
    looked_at = now;
    watch();
  }
  session_ = &session;
  stop_ = stop;
  main_thread_id_ = std::this_thread::get_id();
  number_.store(++last_number_);
  // A signal that came before the number was there is raised here, one that comes later stops it.
  if (PyErr_CheckSignals() == 0) return;
  number_.store(0);
  nb::raise_python_error();
}

/// Python's handler notes the signal for the main thread, which cannot look before its run ends.
void MainRun::on_signal(int signal) {
  before_ours.sa_handler(signal);
  const uint64_t number = number_.load();
  if (number == 0) return;
  const int error = errno;
  interrupted_.store(number);
  sem_post(&signalled);
  errno = error;
}

/// false: the run is over, or Ctrl-C is for a handler of the user's own, which knows what to do.
bool MainRun::stop_interrupted() {
  const auto is_over = [] { return number_.load() != interrupted_.load(); };
  if (is_over()) return false;
  const GilAcquire gil;  // until it is released, the run does not end
  try {
    if (is_over() || !raises_keyboard_interrupt()) return false;
  } catch (const nb::python_error&) {
    return false;
  }
  if (stop_ != nullptr) {
    stop_->request_stop();
  } else {
    session_->interrupt(main_thread_id_);
  }
  return true;
}

void MainRun::stop_when_interrupted() {
  using namespace std::chrono_literals;
  while (true) {
    while (sem_wait(&signalled) != 0) {
    }
    for (auto pause = 1ms; stop_interrupted(); pause = std::min(pause * 2, 64ms)) {
      std::this_thread::sleep_for(pause);
    }
  }
}

void MainRun::start_thread() {
  if (process_of_thread == getpid()) return;
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // signals are for threads of the program
  try {
    std::thread(&stop_when_interrupted).detach();
    process_of_thread = getpid();
  } catch (const std::system_error&) {
    // Then Ctrl-C raises when the run has ended.
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void MainRun::watch() {
  if (pthread_equal(pthread_self(), main_thread_) == 0 || !raises_keyboard_interrupt()) return;
  start_thread();
  struct sigaction now{};
  sigaction(SIGINT, nullptr, &now);
  if ((now.sa_flags & SA_SIGINFO) != 0 || now.sa_handler == &on_signal) return;
  // Before Python's handler alone: another's may call ours, and each would call the other for ever.
  if (before_ours.sa_handler != nullptr && now.sa_handler != before_ours.sa_handler) return;
  before_ours = now;
  now.sa_handler = &on_signal;
  sigaction(SIGINT, &now, nullptr);
}

}  // namespace xpuruntime::python
