// SPDX-License-Identifier: Apache-2.0
#include "waiting_line.h"

#include <algorithm>

namespace xpuruntime {

WaitingLine::Place::Place(WaitingLine& line, int32_t priority) : line_(line), priority_(priority) {
  const auto after = std::ranges::find_if(
      line_.threads_, [&](const Place* other) { return other->priority_ < priority; });
  line_.threads_.insert(after, this);
  line_.see_first();
}

WaitingLine::Place::~Place() {
  line_.threads_.remove(this);
  line_.see_first();
}

void WaitingLine::see_first() noexcept {
  if (threads_.empty() || threads_.front()->is_seen_first_) return;
  Place& first = *threads_.front();
  first.is_seen_first_ = true;
  first.patient_until_ = Place::Steady::now();
  if (first.priority_ <= 0) first.patient_until_ += kPatience;
}

void WaitingLine::Place::nap(std::unique_lock<std::mutex>& lock) {
  is_napping_ = true;
  changed_.wait_until(lock, std::min(Steady::now() + kNap, patient_until_));
  is_napping_ = false;
}

void WaitingLine::wake_first() noexcept {
  if (!threads_.empty() && !threads_.front()->is_napping_) threads_.front()->changed_.notify_one();
}

void WaitingLine::wake_all() noexcept {
  for (Place* place : threads_) place->changed_.notify_one();
}

void WaitingLine::interrupt(std::thread::id thread) noexcept {
  for (Place* place : threads_) {
    if (place->thread_ != thread) continue;
    place->is_interrupted_ = true;
    place->changed_.notify_one();
  }
}

}  // namespace xpuruntime
