// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

namespace xpuruntime::xpurt {

/// The command line: what is asked for, once it is parsed.
struct CommandLine {
  CommandLine();

  CLI::App app{"Runs a model on any engine, and says what really ran.", "xpurt"};
  bool json = false;
  std::function<int()> action;  ///< of the command that was given; returns the exit code
};

/// Adds a command with the options that all of them have, to the program or to a `group` of
/// commands. `example` stands under its help.
CLI::App* add_command(CommandLine& line, const std::string& name, const std::string& description,
                      const std::string& example, std::function<int()> action,
                      CLI::App* group = nullptr);

void add_engines_command(CommandLine& line);
void add_devices_command(CommandLine& line);
void add_info_command(CommandLine& line);
void add_run_command(CommandLine& line);
void add_bench_command(CommandLine& line);
void add_compare_command(CommandLine& line);
void add_convert_command(CommandLine& line);
void add_tune_command(CommandLine& line);
void add_cache_command(CommandLine& line);
void add_worker_command(CommandLine& line);

}  // namespace xpuruntime::xpurt
