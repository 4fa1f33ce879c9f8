// SPDX-License-Identifier: Apache-2.0
/// traffic_program PLUGIN MODEL [plant]: loads and runs as a program would, and ends. `plant` makes
/// it reach out itself, to this machine.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "conformance_host.h"

int main(int argc, char** argv) {
  using namespace xpuruntime::conformance;
  if (argc < 3) return 2;
  {
    const Plugin plugin = Plugin::open(argv[1]);
    const Model model = plugin.load(Source::path(argv[2]));
    const Context context = model.context();
    for (int run = 0; run < 3; ++run) {
      Sink sink(1);
      const Outcome outcome = context.run({Tensor(XPURT_FLOAT, {1, 16})}, sink, 1);
      if (!outcome.ok()) {
        std::fprintf(stderr, "%s\n", outcome.text.c_str());
        return 1;
      }
    }
  }
  if (argc > 3 && std::string(argv[3]) == "plant") {
    const int handle = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(9);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // Refused or not: only the attempt matters.
    if (connect(handle, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
      std::puts("somebody listens");
    }
    close(handle);
  }
  std::puts("done");
  return 0;
}
