// SPDX-License-Identifier: Apache-2.0
#include "stream_channel.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>
#include <string>
#include <utility>

#include "error.h"

namespace xpuruntime::worker {
namespace {

constexpr size_t kBufferBytes = size_t{1} << 16;
/// In the midst of a frame, a side from which no byte comes for that long hangs.
constexpr std::chrono::seconds kStall{30};

[[noreturn]] void throw_stalled() {
  throw TimedOut("the other side stopped in the midst of a frame");
}

class HeapBlock : public Block {
 public:
  explicit HeapBlock(uint64_t bytes) {
    if (bytes > std::numeric_limits<size_t>::max() / 2) throw std::bad_alloc();
    const size_t whole =
        (static_cast<size_t>(bytes) + kPayloadAlignment) & ~(kPayloadAlignment - 1);
    void* const data = std::aligned_alloc(kPayloadAlignment, whole);
    if (data == nullptr) throw std::bad_alloc();
    bytes_ = {static_cast<std::byte*>(data), static_cast<size_t>(bytes)};
  }
  ~HeapBlock() override { std::free(bytes_.data()); }
};

template <size_t N>
void append(std::vector<std::byte>& to, const std::array<std::byte, N>& bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

/// Header and JSON of a message without payload.
void append_note(std::vector<std::byte>& to, const std::string& json) {
  append(to, encode(Header{.type = MessageType::kSegments,
                           .json_bytes = static_cast<uint32_t>(json.size())}));
  const auto bytes = std::as_bytes(std::span(json));
  to.insert(to.end(), bytes.begin(), bytes.end());
}

iovec piece_of(std::span<const std::byte> bytes) {
  return {const_cast<std::byte*>(bytes.data()), bytes.size()};
}

}  // namespace

std::shared_ptr<Block> heap_block(uint64_t bytes) { return std::make_shared<HeapBlock>(bytes); }

StreamChannel::StreamChannel(ByteStream stream, std::unique_ptr<Segments> segments)
    : stream_(std::move(stream)), segments_(std::move(segments)), buffer_(kBufferBytes) {}

std::shared_ptr<Block> StreamChannel::allocate(uint64_t bytes) {
  if (bytes == 0) return nullptr;
  return segments_ != nullptr ? segments_->allocate(bytes) : heap_block(bytes);
}

void StreamChannel::send(const Message& message, TimePoint until) {
  const uint64_t payload_bytes = message.payload != nullptr ? message.payload->bytes().size() : 0;
  if (message.json.size() > kMaxJsonBytes || payload_bytes > kMaxPayloadBytes) {
    throw BadFrame("a message of " + std::to_string(message.json.size()) + " bytes of JSON and " +
                       std::to_string(payload_bytes) + " of payload is beyond the limits",
                   message.id);
  }
  const bool is_shared = segments_ != nullptr && payload_bytes > 0;
  const std::lock_guard lock(sending_);
  if (is_broken_) throw PeerGone("a frame before this one was not taken in time");
  std::vector<std::byte> head;
  Descriptor attached;
  size_t before = 0;  // bytes that the descriptor does not go with
  if (segments_ != nullptr) {
    if (const std::string notes = segments_->take_notes(); !notes.empty()) append_note(head, notes);
    before = head.size();
  }
  append(head,
         encode(Header{message.type, is_shared ? kShared : 0,
                       static_cast<uint32_t>(message.json.size()), message.id, payload_bytes}));
  if (is_shared) {
    append(head, encode(segments_->place_of(*message.payload)));
    attached = segments_->begin_sending(*message.payload);
  }
  const auto json = std::as_bytes(std::span(message.json));
  head.insert(head.end(), json.begin(), json.end());
  iovec pieces[2] = {piece_of(head), {}};
  if (!is_shared && payload_bytes > 0) pieces[1] = piece_of(message.payload->bytes());
  is_broken_ = true;
  if (attached && before > 0) {
    iovec note = piece_of(std::span(head).first(before));
    stream_.write_all({&note, 1}, until);
    pieces[0] = piece_of(std::span(head).subspan(before));
  }
  stream_.write_all(pieces, until, attached.get());
  is_broken_ = false;
}

std::optional<Message> StreamChannel::receive(TimePoint until) {
  while (true) {
    auto message = receive_one(until);
    if (!message || message->type != MessageType::kSegments) return message;
    if (segments_ == nullptr) throw BadFrame("message segments over a transport without segments");
    segments_->take_notes_of_peer(message->json);
  }
}

/// Reads on; false: the time has come.
bool StreamChannel::read_more(TimePoint until) {
  if (begin_ > 0) {
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
              buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
    end_ -= begin_;
    begin_ = 0;
  }
  const size_t got = stream_.read_some(std::span(buffer_).subspan(end_), until);
  end_ += got;
  return got > 0;
}

/// The next bytes of a frame, fewer than the buffer's; valid until it reads on.
const std::byte* StreamChannel::next(size_t bytes) {
  while (end_ - begin_ < bytes) {
    if (!read_more(Clock::now() + kStall)) throw_stalled();
  }
  return buffer_.data() + std::exchange(begin_, begin_ + bytes);
}

void StreamChannel::take(std::span<std::byte> to) {
  const size_t ready = std::min(to.size(), end_ - begin_);
  std::memcpy(to.data(), buffer_.data() + begin_, ready);
  begin_ += ready;
  to = to.subspan(ready);
  while (!to.empty()) {
    const size_t got = stream_.read_some(to, Clock::now() + kStall);
    if (got == 0) throw_stalled();
    to = to.subspan(got);
  }
}

std::shared_ptr<Block> StreamChannel::receive_payload(const Header& header, const Place& place) {
  if (header.payload_bytes == 0) return nullptr;
  if ((header.flags & kShared) != 0) {
    Descriptor descriptor;
    if (!segments_->knows(place.segment)) descriptor = stream_.take_attached();
    return segments_->open(place, header.payload_bytes, std::move(descriptor));
  }
  std::shared_ptr<Block> block;
  try {
    block = heap_block(header.payload_bytes);  // mapped alone, until its bytes come
  } catch (const std::bad_alloc&) {
    throw BadFrame(
        "there is no memory for a payload of " + std::to_string(header.payload_bytes) + " bytes",
        header.id);
  }
  take(block->bytes());
  return block;
}

std::optional<Message> StreamChannel::receive_one(TimePoint until) {
  if (begin_ == end_ && !read_more(until)) return std::nullopt;
  const Header header = decode_header(
      std::span<const std::byte, kHeaderBytes>(next(kHeaderBytes), kHeaderBytes), max_payload_);
  Place place;
  if ((header.flags & kShared) != 0) {
    if (segments_ == nullptr) throw BadFrame("a shared payload over a transport without segments");
    place = decode_place(std::span<const std::byte, kPlaceBytes>(next(kPlaceBytes), kPlaceBytes),
                         header);
  }
  Message message{header.type, header.id};
  if (header.json_bytes > 0) {
    message.json.resize(header.json_bytes);
    take(std::as_writable_bytes(std::span(message.json)));
  }
  message.payload = receive_payload(header, place);
  return message;
}

}  // namespace xpuruntime::worker
