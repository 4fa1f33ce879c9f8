// SPDX-License-Identifier: Apache-2.0
#include "command_line.h"
#include "worker/error.h"
#include "worker_service/worker_main.h"
#include "xpuruntime/error.h"

namespace xpuruntime::xpurt {

void add_worker_command(CommandLine& line) {
  const auto run = [&line] {
    try {
      const auto words = line.app.get_subcommand("worker")->remaining();
      return worker_service::worker_main(worker_service::read_arguments(words));
    } catch (const worker::BadFrame& error) {
      throw InvalidArgumentError(error.what());
    }
  };
  // What follows is one side of a protocol (docs/worker_protocol.md): --transport and what
  // belongs to it.
  add_command(line, "worker", "Run an engine for another process, for isolation",
              "xpurt worker --transport json_file --folder /tmp/requests", run)
      ->allow_extras();
}

}  // namespace xpuruntime::xpurt
