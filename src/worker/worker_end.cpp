// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <charconv>

#include "error.h"
#include "file_channel.h"
#include "grpc_library.h"
#include "stream_channel.h"
#include "transport.h"

namespace xpuruntime::worker {
namespace {

/// The descriptor of --fd, which programs that this one starts do not get.
Descriptor inherited(int number) {
  if (number < 0) throw BadFrame("--fd is missing");
  if (fcntl(number, F_SETFD, FD_CLOEXEC) != 0) throw_errno("--fd " + std::to_string(number));
  return Descriptor(number);
}

Descriptor connect_to(const std::string& address) {
  const size_t colon = address.rfind(':');
  sockaddr_in to{};
  to.sin_family = AF_INET;
  uint16_t port = 0;
  const char* const end = address.data() + address.size();
  if (colon == std::string::npos ||
      inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr) != 1 ||
      std::from_chars(address.data() + colon + 1, end, port).ptr != end || port == 0) {
    throw BadFrame("--connect: expected an address as 127.0.0.1:1234, got '" + address + "'");
  }
  to.sin_port = htons(port);
  Descriptor connected(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!connected || connect(connected.get(), reinterpret_cast<sockaddr*>(&to), sizeof(to)) != 0) {
    throw_errno("connecting to " + address);
  }
  const int on = 1;
  setsockopt(connected.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return connected;
}

Descriptor open_pipe(const std::string& path, int mode) {
  Descriptor opened(open(path.c_str(), mode | O_CLOEXEC));
  if (!opened) throw_errno("pipe '" + path + "'");
  return opened;
}

}  // namespace

std::unique_ptr<Channel> open_worker_end(const WorkerArguments& arguments) {
  const auto transport = transport_named(arguments.transport);
  if (!transport) throw BadFrame("--transport: there is no '" + arguments.transport + "'");
  switch (*transport) {
    case Transport::kSharedMemory:
      return std::make_unique<StreamChannel>(ByteStream(inherited(arguments.descriptor)),
                                             std::make_unique<Segments>(/*lends=*/true));
    case Transport::kUnix:
      return std::make_unique<StreamChannel>(ByteStream(inherited(arguments.descriptor)), nullptr);
    case Transport::kTcp:
      return std::make_unique<StreamChannel>(ByteStream(connect_to(arguments.address)), nullptr);
    case Transport::kPipe: {
      Descriptor requests = open_pipe(arguments.requests, O_RDONLY);
      Descriptor replies = open_pipe(arguments.replies, O_WRONLY);
      return std::make_unique<StreamChannel>(ByteStream(std::move(requests), std::move(replies)),
                                             nullptr);
    }
    case Transport::kGrpc:
      return grpc_worker_end(inherited(arguments.descriptor));
    case Transport::kJsonFile:
      break;
  }
  Descriptor life;
  if (arguments.descriptor >= 0) life = inherited(arguments.descriptor);
  return std::make_unique<FileChannel>(arguments.folder, FileChannel::Side::kWorker,
                                       std::move(life));
}

}  // namespace xpuruntime::worker
