// SPDX-License-Identifier: Apache-2.0
#include "process.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <deque>
#include <exception>
#include <future>
#include <mutex>
#include <thread>

#include "descriptor.h"
#include "error.h"
#include "transport.h"

extern "C" {
#include <sys/pidfd.h>  // glibc 2.36 leaves the linkage out
}

extern char** environ;

namespace xpuruntime::worker {
namespace {

constexpr size_t kKeptLines = 20;
constexpr size_t kLongestLine = 4096;

/// What the child needs between fork and exec, where nothing may be allocated.
struct Launch {
  std::vector<char*> arguments;
  std::vector<char*> environment;
  std::vector<std::string> texts;
  int inherited = -1;
  int output = -1;
  int failure = -1;
  uint64_t memory_limit = 0;
  cpu_set_t cpus{};
  bool has_cpus = false;
  int death_signal = 0;
  pid_t parent = 0;
};

Launch launch_of(const ProcessSpec& spec) {
  Launch launch;
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string_view text(*each);
    const bool is_replaced = std::ranges::any_of(
        spec.environment, [&](const auto& given) { return text.starts_with(given.first + "="); });
    if (!is_replaced) launch.texts.emplace_back(text);
  }
  for (const auto& [name, value] : spec.environment) launch.texts.push_back(name + "=" + value);
  const size_t environment_count = launch.texts.size();
  launch.texts.insert(launch.texts.end(), spec.command.begin(), spec.command.end());
  for (size_t i = 0; i < launch.texts.size(); ++i) {
    (i < environment_count ? launch.environment : launch.arguments)
        .push_back(launch.texts[i].data());
  }
  launch.environment.push_back(nullptr);
  launch.arguments.push_back(nullptr);
  launch.inherited = spec.inherited;
  launch.memory_limit = spec.memory_limit;
  launch.has_cpus = !spec.cpus.empty();
  for (const int cpu : spec.cpus) CPU_SET(static_cast<size_t>(cpu), &launch.cpus);
  launch.death_signal = spec.death_signal;
  launch.parent = getpid();
  return launch;
}

/// In the child: nothing but system calls. Ends it when one fails, and tells which by errno.
[[noreturn]] void become(const Launch& launch) {
  const auto require = [&](bool done) {
    if (done) return;
    const int error = errno;
    [[maybe_unused]] const ssize_t told = write(launch.failure, &error, sizeof(error));
    _exit(127);
  };
  require(prctl(PR_SET_PDEATHSIG, launch.death_signal) == 0);
  if (getppid() != launch.parent) _exit(0);  // it died before that
  require(setpgid(0, 0) == 0);               // a Ctrl-C is the parent's to handle
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  require(nothing >= 0 && dup2(nothing, STDIN_FILENO) >= 0);
  // Above all that is to be, so that nothing is overwritten.
  const int inherited = launch.inherited >= 0 ? fcntl(launch.inherited, F_DUPFD_CLOEXEC, 10) : -1;
  const int failure = fcntl(launch.failure, F_DUPFD_CLOEXEC, 10);
  require(failure >= 0 && (launch.inherited < 0 || inherited >= 0));
  require(dup2(launch.output, STDOUT_FILENO) >= 0 && dup2(launch.output, STDERR_FILENO) >= 0);
  require(inherited < 0 || dup2(inherited, kInherited) >= 0);
  require(close_range(inherited < 0 ? kInherited : kInherited + 1, ~0U, CLOSE_RANGE_CLOEXEC) == 0);
  if (launch.has_cpus) require(sched_setaffinity(0, sizeof(launch.cpus), &launch.cpus) == 0);
  if (launch.memory_limit > 0) {
    const rlimit limit{launch.memory_limit, launch.memory_limit};
    require(setrlimit(RLIMIT_AS, &limit) == 0);
  }
  execve(launch.arguments[0], launch.arguments.data(), launch.environment.data());
  const int error = errno;
  [[maybe_unused]] const ssize_t told = write(failure, &error, sizeof(error));
  _exit(127);
}

std::string text_of(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED) return "exited with code " + std::to_string(info.si_status);
  const char* const name = sigdescr_np(info.si_status);
  return "was killed by signal " + std::to_string(info.si_status) + " (" +
         (name != nullptr ? name : "unknown") + ")";
}

}  // namespace

struct Process::State {
  pid_t pid = 0;
  Descriptor handle;  ///< a pidfd
  Descriptor output;  ///< standard output and error, read by the Nursery alone
  std::function<void(const std::string&)> on_line;
  std::string unfinished;  ///< a line, as far as it came; the Nursery's alone

  mutable std::mutex mutex;
  std::condition_variable ended;
  std::string ending;
  std::deque<std::string> lines;

  void take_line(std::string line) {
    while (line.ends_with('\r')) line.pop_back();
    if (line.empty()) return;
    {
      const std::lock_guard lock(mutex);
      lines.push_back(line);
      if (lines.size() > kKeptLines) lines.pop_front();
    }
    if (on_line) on_line(line);
  }
};

/// The thread that starts workers, reads what they write and sees them end. One thread for all,
/// which never ends, because the kernel kills a worker with the thread that started it.
class Nursery {
 public:
  static Nursery& instance() {
    static auto* const nursery = new Nursery;  // never destroyed: its thread goes on
    return *nursery;
  }

  std::shared_ptr<Process::State> start(ProcessSpec spec) {
    std::promise<Made> made;
    auto result = made.get_future();
    {
      const std::lock_guard lock(mutex_);
      orders_.push_back({std::move(spec), std::move(made)});
    }
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t told = write(wake_.get(), &one, sizeof(one));
    const Made child = result.get();
    if (child.state == nullptr) throw TransportFailure(child.error);
    return child.state;
  }

 private:
  /// A child, or why there is none: in words, since an exception that two threads hold is counted
  /// where the thread sanitizer does not look.
  struct Made {
    std::shared_ptr<Process::State> state;
    std::string error;
  };
  struct Order {
    ProcessSpec spec;
    std::promise<Made> made;
  };

  Nursery() : wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!wake_) throw_errno("eventfd");
    std::thread([this] {
      sigset_t all;
      sigfillset(&all);
      pthread_sigmask(SIG_SETMASK, &all, nullptr);  // a program's handlers run on its own threads
      prctl(PR_SET_NAME, "xpurt-workers");
      while (true) look_after();
    }).detach();
  }

  void look_after() {
    std::vector<pollfd> polled{{wake_.get(), POLLIN, 0}};
    for (const auto& child : children_) {
      polled.push_back({child->handle.get(), POLLIN, 0});
      polled.push_back({child->output.get(), POLLIN, 0});
    }
    if (poll(polled.data(), polled.size(), -1) < 0) return;
    for (size_t i = 0; i < children_.size(); ++i) {
      if (polled[2 + 2 * i].revents != 0) read_output(*children_[i]);
      if (polled[1 + 2 * i].revents != 0) see_end(*children_[i]);
    }
    std::erase_if(children_, [](const auto& child) { return !child->handle; });
    if (polled[0].revents != 0) take_orders();
  }

  void take_orders() {
    uint64_t count = 0;
    [[maybe_unused]] const ssize_t got = read(wake_.get(), &count, sizeof(count));
    std::vector<Order> orders;
    {
      const std::lock_guard lock(mutex_);
      orders.swap(orders_);
    }
    for (Order& order : orders) {
      try {
        children_.push_back(spawn(order.spec));
        order.made.set_value({children_.back(), ""});
      } catch (const std::exception& error) {
        order.made.set_value({nullptr, error.what()});
      }
    }
  }

  static std::shared_ptr<Process::State> spawn(const ProcessSpec& spec) {
    int output[2];
    int failure[2];
    if (pipe2(output, O_CLOEXEC) != 0) throw_errno("pipe2");
    const Descriptor child_output(output[1]);
    auto state = std::make_shared<Process::State>();
    state->output = Descriptor(output[0]);
    if (pipe2(failure, O_CLOEXEC) != 0) throw_errno("pipe2");
    const Descriptor failure_in(failure[0]);
    Descriptor failure_out(failure[1]);
    fcntl(state->output.get(), F_SETFL, O_NONBLOCK);
    Launch launch = launch_of(spec);
    launch.output = child_output.get();
    launch.failure = failure_out.get();
    const pid_t pid = _Fork();
    if (pid < 0) throw_errno("fork");
    if (pid == 0) become(launch);
    failure_out.reset();
    state->pid = pid;
    state->on_line = spec.on_line;
    state->handle = Descriptor(pidfd_open(pid, 0));
    int error = 0;
    const ssize_t got = read(failure_in.get(), &error, sizeof(error));  // 0 bytes: it is executed
    if (got > 0 || !state->handle) {
      if (got <= 0) error = errno;
      ::kill(pid, SIGKILL);
      waitpid(pid, nullptr, 0);
      errno = error;
      throw_errno("starting " + spec.command.at(0));
    }
    return state;
  }

  static void read_output(Process::State& child) {
    char buffer[4096];
    while (true) {
      const ssize_t got = read(child.output.get(), buffer, sizeof(buffer));
      if (got <= 0) {
        if (got == 0) child.output.reset();
        return;
      }
      for (const char each : std::string_view(buffer, static_cast<size_t>(got))) {
        if (each != '\n') child.unfinished += each;
        if (each == '\n' || child.unfinished.size() >= kLongestLine) {
          child.take_line(std::exchange(child.unfinished, {}));
        }
      }
    }
  }

  static void see_end(Process::State& child) {
    if (child.output) read_output(child);
    child.take_line(std::exchange(child.unfinished, {}));
    siginfo_t info{};
    {
      const std::lock_guard lock(child.mutex);  // kill() uses the number, which is free after this
      const bool known =
          waitid(P_PIDFD, static_cast<id_t>(child.handle.get()), &info, WEXITED) == 0;
      child.ending = known ? text_of(info) : "ended, and something else waited for it";
      child.handle.reset();
    }
    child.output.reset();
    child.ended.notify_all();
  }

  Descriptor wake_;
  std::mutex mutex_;
  std::vector<Order> orders_;
  std::vector<std::shared_ptr<Process::State>> children_;  ///< of the thread alone
};

std::unique_ptr<Process> Process::start(ProcessSpec spec) {
  return std::unique_ptr<Process>(new Process(Nursery::instance().start(std::move(spec))));
}

Process::Process(std::shared_ptr<State> state) : state_(std::move(state)) {}

Process::~Process() {
  kill();
  wait(kNever);  // what was killed ends, and no zombie stays
}

pid_t Process::pid() const noexcept { return state_->pid; }

bool Process::lives() const {
  const std::lock_guard lock(state_->mutex);
  return state_->ending.empty();
}

void Process::kill() noexcept {
  const std::lock_guard lock(state_->mutex);
  // With all that it has started, as a compiler: until it was waited for, the group is its own.
  if (state_->handle) ::kill(-state_->pid, SIGKILL);
}

bool Process::wait(TimePoint until) const {
  std::unique_lock lock(state_->mutex);
  const auto has_ended = [&] { return !state_->ending.empty(); };
  if (until != kNever) return state_->ended.wait_until(lock, until, has_ended);
  state_->ended.wait(lock, has_ended);
  return true;
}

std::string Process::ending() const {
  const std::lock_guard lock(state_->mutex);
  return state_->ending;
}

std::string Process::last_lines() const {
  const std::lock_guard lock(state_->mutex);
  std::string text;
  for (const std::string& line : state_->lines) text += (text.empty() ? "" : "\n") + line;
  return text;
}

}  // namespace xpuruntime::worker
