// SPDX-License-Identifier: Apache-2.0
#include "grpc_channel.h"

#include <grpcpp/support/proto_buffer_reader.h>

#include <string>
#include <utility>
#include <vector>

#include "worker/error.h"

namespace xpuruntime::worker_grpc {
namespace {

using worker::BadFrame;
using worker::Clock;
using worker::Message;
using worker::PeerGone;
using worker::TimedOut;
using worker::TimePoint;

/// The bytes, which `owner` keeps in place for as long as gRPC needs them.
template <typename Owner>
grpc::Slice slice_of(const void* bytes, size_t size, std::unique_ptr<Owner> owner) {
  const auto release = [](void* given) { delete static_cast<Owner*>(given); };
  return {const_cast<void*>(bytes), size, release, owner.release()};
}

grpc::ByteBuffer buffer_of(const Message& message, Kind kind) {
  std::vector<grpc::Slice> slices;
  for (Piece& piece : write_message(message, kind)) {
    auto text = std::make_unique<std::string>(std::move(piece.text));
    const std::string& kept = *text;
    slices.push_back(slice_of(kept.data(), kept.size(), std::move(text)));
    if (piece.payload.empty()) continue;
    auto block = std::make_unique<std::shared_ptr<worker::Block>>(message.payload);
    slices.push_back(slice_of(piece.payload.data(), piece.payload.size(), std::move(block)));
  }
  return {slices.data(), slices.size()};
}

}  // namespace

GrpcChannel::GrpcChannel(std::unique_ptr<Call> call, Kind sends)
    : sends_(sends), is_open_(sends == Kind::kResponse), call_(std::move(call)) {
  if (is_open_) call_->reader().Read(&read_, tag_of(Step::kRead));
}

std::shared_ptr<worker::Block> GrpcChannel::allocate(uint64_t bytes) {
  if (bytes > kMaxTensorBytes) {
    throw worker::TransportFailure("transport grpc takes " + std::to_string(kMaxTensorBytes) +
                                   " bytes of tensors at most, got " + std::to_string(bytes) +
                                   "; shared_memory takes more");
  }
  return bytes == 0 ? nullptr : worker::heap_block(bytes);
}

void GrpcChannel::take(Step step, bool ok) {
  switch (step) {
    case Step::kOpened:  // of the parent, which could not read before
      is_open_ = ok;
      is_over_ = is_broken_ = !ok;
      if (ok) call_->reader().Read(&read_, tag_of(Step::kRead));
      break;
    case Step::kRead:
      has_read_ = ok;
      is_over_ = !ok;
      break;
    case Step::kWritten:
      is_writing_ = false;
      is_broken_ = is_broken_ || !ok;
      break;
    default:
      call_->take(step, ok);
  }
}

/// false: the time has come.
bool GrpcChannel::wait(std::unique_lock<std::mutex>& lock, const std::function<bool()>& is_done,
                       TimePoint until) {
  while (!is_done()) {
    if (is_looking_) {
      if (until == worker::kNever) {
        changed_.wait(lock);
      } else if (changed_.wait_until(lock, until) == std::cv_status::timeout && is_looking_) {
        return is_done();
      }
      continue;
    }
    is_looking_ = true;
    lock.unlock();
    void* tag = nullptr;
    bool ok = false;
    const auto got = call_->queue().AsyncNext(&tag, &ok, deadline_of(until));
    lock.lock();
    is_looking_ = false;
    if (got == grpc::CompletionQueue::GOT_EVENT) {
      take(static_cast<Step>(reinterpret_cast<intptr_t>(tag)), ok);
    }
    changed_.notify_all();  // one has what it waits for, or another has to look
    if (got != grpc::CompletionQueue::GOT_EVENT) return is_done();
  }
  return true;
}

void GrpcChannel::send(const Message& message, TimePoint until) {
  const grpc::ByteBuffer buffer = buffer_of(message, sends_);
  const std::lock_guard in_turn(sending_);
  std::unique_lock lock(mutex_);
  if (!wait(lock, [&] { return is_open_ || is_broken_; }, until)) {
    throw TimedOut("the call was not taken in time");
  }
  if (is_broken_) throw PeerGone("the call is over");
  is_writing_ = true;
  call_->writer().Write(buffer, tag_of(Step::kWritten));
  if (!wait(lock, [&] { return !is_writing_; }, until)) {
    is_broken_ = true;
    call_->cancel();
    throw TimedOut("the other side did not take what was sent in time");
  }
  if (is_broken_) throw PeerGone("the call is over");
}

/// Takes what was read, and reads on.
grpc::ByteBuffer GrpcChannel::next_read() {
  grpc::ByteBuffer taken;
  taken.Swap(&read_);
  has_read_ = false;
  call_->reader().Read(&read_, tag_of(Step::kRead));
  return taken;
}

std::optional<Message> GrpcChannel::receive(TimePoint until) {
  std::unique_lock lock(mutex_);
  if (!wait(lock, [&] { return has_read_ || is_over_; }, until)) return std::nullopt;
  if (!has_read_) throw PeerGone("the other side has ended the call");
  grpc::ByteBuffer buffer = next_read();
  lock.unlock();
  if (buffer.Length() / 2 > max_payload_ + worker::kMaxJsonBytes) {
    throw BadFrame("a message of " + std::to_string(buffer.Length()) +
                   " bytes came, more than are taken");
  }
  grpc::ProtoBufferReader reader(&buffer);
  return read_message(reader, sends_ == Kind::kRequest ? Kind::kResponse : Kind::kRequest,
                      max_payload_);
}

}  // namespace xpuruntime::worker_grpc
