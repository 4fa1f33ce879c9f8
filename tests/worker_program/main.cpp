// SPDX-License-Identifier: Apache-2.0
/// `worker_program worker ARGUMENTS...`, as `xpurt worker ARGUMENTS...`.
#include <cstdio>
#include <vector>

#include "worker/error.h"
#include "worker_service/worker_main.h"

int main(int argc, char** argv) {
  using namespace xpuruntime;
  try {
    const std::vector<std::string> words(argv + (argc > 1 ? 2 : 1), argv + argc);
    return worker_service::worker_main(worker_service::read_arguments(words));
  } catch (const worker::BadFrame& error) {
    std::fprintf(stderr, "worker_program: %s\n", error.what());
    return 2;
  }
}
