// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "command_line.h"
#include "output.h"
#include "toolkit/terminal.h"
#include "toolkit/text_table.h"
#include "toolkit/units.h"
#include "xpuruntime/device.h"
#include "xpuruntime/engine_registry.h"

namespace xpuruntime::xpurt {
namespace {

using toolkit::Align;
using toolkit::printable;
using toolkit::Style;
using toolkit::TextTable;

const char* type_name(OptionType type) {
  switch (type) {
    case OptionType::kBool:
      return "bool";
    case OptionType::kInt:
      return "int";
    case OptionType::kFloat:
      return "float";
    case OptionType::kString:
      return "string";
  }
  return "unknown";
}

std::string joined(const std::vector<std::string>& words, const char* between) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

std::vector<std::string> device_names(const EngineStatus& engine) {
  std::vector<std::string> names;
  for (const Device device : engine.devices) names.push_back(to_string(device));
  return names;
}

Json option_json(const OptionSpec& option) {
  return {{"name", option.name},
          {"type", type_name(option.type)},
          {"default", option.default_value},
          {"doc", option.doc},
          {"choices", option.choices}};
}

Json engine_json(const EngineStatus& engine) {
  Json options = Json::array();
  for (const auto& option : engine.options) options.push_back(option_json(option));
  return {{"name", engine.name},       {"available", engine.available},
          {"reason", engine.reason},   {"path", engine.path},
          {"version", engine.version}, {"adapter_version", engine.adapter_version},
          {"formats", engine.formats}, {"devices", device_names(engine)},
          {"options", options}};
}

std::string engines_text(const std::vector<EngineStatus>& engines, const Style& style) {
  if (engines.empty()) {
    return "No engine was found. Set XPURT_ENGINE_PATH to the folders with their plug-ins.\n";
  }
  TextTable table({Align::kLeft, Align::kLeft, Align::kLeft, Align::kLeft});
  table.set_header({"engine", "version", "loads", "available"});
  for (const auto& engine : engines) {
    const std::string state =
        engine.available ? style.green("yes") + ", on " + joined(device_names(engine), ", ")
                         : style.red("no") + ": " + engine.reason;
    table.add_row({printable(engine.name), engine.version.empty() ? "-" : printable(engine.version),
                   engine.formats.empty() ? "-" : printable(joined(engine.formats, " ")), state});
  }
  return table.text(toolkit::terminal_width(stdout), style);
}

std::string options_text(const std::vector<EngineStatus>& engines, const Style& style) {
  std::string text;
  for (const auto& engine : engines) {
    if (!engine.available) continue;
    text += "\n" + style.bold("options of " + printable(engine.name)) + "\n";
    if (engine.options.empty()) text += "  none\n";
    TextTable table({Align::kLeft, Align::kLeft, Align::kLeft, Align::kLeft});
    for (const auto& option : engine.options) {
      std::string doc = option.doc;
      if (!option.choices.empty()) doc += " (" + joined(option.choices, ", ") + ")";
      table.add_row({option.name, type_name(option.type),
                     option.default_value.empty() ? "-" : option.default_value, printable(doc)});
    }
    text += table.text(toolkit::terminal_width(stdout), style, 2);
  }
  return text;
}

}  // namespace

void add_engines_command(CommandLine& line) {
  const auto with_options = std::make_shared<bool>(false);
  const auto python = std::make_shared<std::string>();
  CLI::App* command = add_command(
      line, "engines", "List the engines, and why one cannot be used", "xpurt engines --options",
      [&line, with_options, python] {
        const auto engines = EngineRegistry::instance().engine_status(*python);
        if (line.json) {
          Json list = Json::array();
          for (const auto& engine : engines) list.push_back(engine_json(engine));
          print_json({{"engines", list}});
          return 0;
        }
        const Style style = Style::of(stdout);
        print(engines_text(engines, style) + (*with_options ? options_text(engines, style) : ""));
        return 0;
      });
  command->add_flag("--options", *with_options,
                    "List the options of each engine too (--json always does)");
  command->add_option("--python", *python,
                      "The interpreter of engine python; python3 of the PATH where not said");
}

}  // namespace xpuruntime::xpurt
