// SPDX-License-Identifier: Apache-2.0
#include "command_line.h"

#include <memory>
#include <utility>

#include "toolkit/text_table.h"
#include "xpuruntime/version.h"

namespace xpuruntime::xpurt {
namespace {

constexpr size_t kWidth = 80;
constexpr size_t kColumn = 26;  ///< where descriptions begin

/// Help in 80 columns: an option, what it takes, and its description with the default, wrapped.
class HelpFormatter : public CLI::Formatter {
 public:
  HelpFormatter() { column_width(kColumn); }

  std::string make_option_opts(const CLI::Option* option) const override {
    if (option->get_positional() || option->get_type_size() == 0) return "";
    const std::string type = option->get_type_name();
    return " " + type.substr(0, type.find(':'));  // what follows is of the checks
  }
  std::string make_option_desc(const CLI::Option* option) const override {
    std::string text = option->get_description();
    const std::string value = option->get_default_str();
    if (!value.empty()) text += " (default: " + value + ")";
    std::string wrapped;
    for (const auto& line : toolkit::wrap_words(text, kWidth - kColumn)) {
      wrapped += (wrapped.empty() ? "" : "\n") + line;
    }
    return wrapped;
  }
};

}  // namespace

CommandLine::CommandLine() {
  app.formatter(std::make_shared<HelpFormatter>());
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("xpurt ") + version());
  app.footer(
      "Exit codes: 0 done, 1 done and the answer is no, 2 wrong argument,\n"
      "3 no such model, 4 not supported, 5 not available, 7 out of memory,\n"
      "9 interrupted, 12 the engine failed.\n\n"
      "Example: xpurt run model.onnx --input random");
  app.failure_message(
      [](const CLI::App*, const CLI::Error& error) { return std::string(error.what()) + "\n"; });
  add_engines_command(*this);
  add_devices_command(*this);
  add_info_command(*this);
  add_run_command(*this);
  add_bench_command(*this);
  add_compare_command(*this);
  add_tune_command(*this);
  add_convert_command(*this);
  add_cache_command(*this);
  add_worker_command(*this);
}

CLI::App* add_command(CommandLine& line, const std::string& name, const std::string& description,
                      const std::string& example, std::function<int()> action, CLI::App* group) {
  CLI::App* command = (group != nullptr ? *group : line.app).add_subcommand(name, description);
  command->add_flag("--json", line.json, "Print one JSON document, and nothing else, on stdout");
  command->footer("Example: " + example);
  command->callback([&line, action = std::move(action)] { line.action = action; });
  return command;
}

}  // namespace xpuruntime::xpurt
