// SPDX-License-Identifier: Apache-2.0
#include "timer.h"

#include <map>
#include <string>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "xpuruntime/error.h"

namespace xpuruntime {

struct Timer::State {
  explicit State(Clock& its_clock) : clock(its_clock) {}

  using Key = std::pair<TimePoint, Id>;

  Clock& clock;
  std::mutex mutex;
  std::condition_variable changed;
  std::map<Key, std::function<void()>> calls;
  std::unordered_map<Id, TimePoint> times;
  Id last_id = 0;
  TimePoint wakes_at = TimePoint::min();  ///< the thread, by itself; min: it is awake
  bool ending = false;
};

Timer::Timer(Clock& clock) : state_(std::make_shared<State>(clock)) {}

Timer::~Timer() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->ending = true;
    state_->changed.notify_all();
  }
  if (thread_.get_id() == std::this_thread::get_id()) {
    thread_.detach();
  } else if (thread_.joinable()) {
    thread_.join();
  }
}

Clock& Timer::clock() const noexcept { return state_->clock; }

Timer::Id Timer::at(TimePoint when, std::function<void()> call) {
  const std::lock_guard lock(state_->mutex);
  if (!thread_.joinable()) {
    try {
      thread_ = std::thread([state = state_] { work(state); });
    } catch (const std::system_error& error) {
      throw UnavailableError("a thread for timeouts cannot be started: " +
                             std::string(error.what()));
    }
  }
  const Id id = ++state_->last_id;
  state_->times.emplace(id, when);
  state_->calls.emplace(State::Key(when, id), std::move(call));
  if (when < state_->wakes_at) state_->changed.notify_all();
  return id;
}

void Timer::cancel(Id id) noexcept {
  std::function<void()> gone;  // destroyed outside of the lock: what it holds may be the last of it
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->times.find(id);
  if (found == state_->times.end()) return;
  const auto call = state_->calls.find({found->second, id});
  gone = std::move(call->second);
  state_->calls.erase(call);
  state_->times.erase(found);
}

void Timer::work(const std::shared_ptr<State>& state) {
  std::unique_lock lock(state->mutex);
  while (!state->ending) {
    const auto first = state->calls.begin();
    const TimePoint when = first == state->calls.end() ? TimePoint::max() : first->first.first;
    if (state->clock.now() < when) {
      state->wakes_at = when;
      state->clock.wait_until(lock, state->changed, when);
      state->wakes_at = TimePoint::min();
      continue;
    }
    const Id id = first->first.second;
    std::function<void()> call = std::move(first->second);
    state->calls.erase(first);
    state->times.erase(id);
    lock.unlock();
    call();
    call = nullptr;
    lock.lock();
  }
}

}  // namespace xpuruntime
