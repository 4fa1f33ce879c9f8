// SPDX-License-Identifier: Apache-2.0
#include "stream.h"

#include <utility>

#include "fake_engine.h"
#include "xpuruntime/engine/export.h"

namespace xpuruntime::fake {
namespace {

xpurt_status stream_create(void*, int32_t index, xpurt_stream** stream, xpurt_error* error) {
  return engine::guarded(error, [&] {
    if (index != 0) {
      throw engine::Failure(XPURT_UNAVAILABLE, "the fake engine has streams on cpu:0 alone");
    }
    *stream = reinterpret_cast<xpurt_stream*>(new Stream);
  });
}

void stream_release(xpurt_stream* stream) { delete &Stream::of(stream); }

xpurt_status stream_synchronize(xpurt_stream* stream, xpurt_error* error) {
  return engine::guarded(error, [&] { Stream::of(stream).synchronize(); });
}

}  // namespace

Stream::Stream() : thread_([this] { work(); }) { ++hooks().streams; }

Stream::~Stream() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    changed_.notify_all();
  }
  thread_.join();
  --hooks().streams;
}

void Stream::post(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  queue_.push_back(std::move(work));
  changed_.notify_all();
}

void Stream::synchronize() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return queue_.empty() && !busy_; });
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void Stream::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return !queue_.empty() || ending_; });
    if (queue_.empty()) return;
    std::function<void()> next = std::move(queue_.front());
    queue_.pop_front();
    busy_ = true;
    lock.unlock();
    std::exception_ptr failure;
    try {
      next();
    } catch (...) {
      failure = std::current_exception();
    }
    next = nullptr;  // what the work held is gone before the stream counts as empty
    lock.lock();
    if (!failure_) failure_ = failure;
    busy_ = false;
    changed_.notify_all();
  }
}

const xpurt_device_table* FakeEngine::device_table() {
  static const xpurt_device_table table{
      sizeof(xpurt_device_table), nullptr, XPURT_DEVICE_CPU, stream_create, stream_release,
      stream_synchronize};
  return &table;
}

}  // namespace xpuruntime::fake
