// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <ctime>
#include <memory>
#include <optional>

#include "command_line.h"
#include "output.h"
#include "toolkit/terminal.h"
#include "toolkit/text_table.h"
#include "toolkit/units.h"
#include "xpuruntime/cache.h"
#include "xpuruntime/error.h"

namespace xpuruntime::xpurt {
namespace {

using toolkit::Align;
using toolkit::printable;
using toolkit::Style;
using toolkit::TextTable;

struct CacheOptions {
  std::string folder;
  uint64_t max_bytes = 0;

  ModelCache cache() const {
    ModelCache cache(folder.empty() ? ModelCache::default_folder() : std::filesystem::path(folder));
    if (cache.folder().empty()) {
      throw InvalidArgumentError(
          "there is no cache folder: set HOME or XPURT_CACHE_DIR, or give "
          "--cache-dir");
    }
    return cache;
  }
};

/// ISO 8601, in UTC.
std::string time_text(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm utc{};
  char text[32] = "";
  if (gmtime_r(&seconds, &utc) != nullptr) {
    std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
  }
  return text;
}

Json entry_json(const CacheEntry& entry) {
  Json json{{"path", entry.path.string()},
            {"key", entry.key},
            {"model", entry.model},
            {"engine", entry.engine},
            {"device", entry.device},
            {"bytes", entry.bytes},
            {"last_used", time_text(entry.last_used)},
            {"problem", entry.problem}};
  json["parts"] = Json::parse(entry.parts, nullptr, /*allow_exceptions=*/false);
  if (json["parts"].is_discarded()) json["parts"] = nullptr;
  return json;
}

Json cache_json(const ModelCache& cache, const std::vector<CacheEntry>& entries) {
  Json list = Json::array();
  for (const CacheEntry& entry : entries) list.push_back(entry_json(entry));
  return {{"folder", cache.folder().string()}, {"entries", list}};
}

uint64_t bytes_of(const std::vector<CacheEntry>& entries) {
  uint64_t bytes = 0;
  for (const CacheEntry& entry : entries) bytes += entry.bytes;
  return bytes;
}

std::string count_text(const std::vector<CacheEntry>& entries) {
  return std::to_string(entries.size()) + (entries.size() == 1 ? " entry, " : " entries, ") +
         toolkit::format_bytes(bytes_of(entries));
}

std::string table_text(const std::vector<CacheEntry>& entries) {
  if (entries.empty()) return "";
  const Style style = Style::of(stdout);
  TextTable table(
      {Align::kLeft, Align::kLeft, Align::kLeft, Align::kRight, Align::kLeft, Align::kLeft});
  table.set_header({"key", "engine", "device", "size", "last used", "model"});
  for (const CacheEntry& entry : entries) {
    const std::string model =
        entry.problem.empty() ? printable(entry.model) : style.red(printable(entry.problem));
    table.add_row({entry.path.stem().string().substr(0, 12), printable(entry.engine),
                   printable(entry.device), toolkit::format_bytes(entry.bytes),
                   time_text(entry.last_used), model});
  }
  return table.text(toolkit::terminal_width(stdout), style);
}

int list(const CommandLine& line, const CacheOptions& options) {
  const ModelCache cache = options.cache();
  const auto entries = cache.entries();
  if (line.json) {
    print_json(cache_json(cache, entries));
  } else {
    print(table_text(entries) + count_text(entries) + " in " + printable(cache.folder().string()) +
          "\n");
  }
  return 0;
}

int info(const CommandLine& line, const CacheOptions& options) {
  const ModelCache cache = options.cache();
  const auto entries = cache.entries();
  const auto rebuilds = cache.rebuilds();
  size_t broken = 0;
  for (const CacheEntry& entry : entries) broken += entry.problem.empty() ? 0 : 1;
  if (line.json) {
    print_json({{"folder", cache.folder().string()},
                {"entries", entries.size()},
                {"unusable_entries", broken},
                {"bytes", bytes_of(entries)},
                {"rebuilds", rebuilds},
                {"default_max_bytes", default_cache_bytes()}});
  } else {
    print("folder       " + printable(cache.folder().string()) + "\n" + "holds        " +
          count_text(entries) + ", " + std::to_string(broken) + " of them unusable\n" +
          "built again  " + std::to_string(rebuilds.size()) +
          (rebuilds.empty() ? "" : "; the last: " + printable(rebuilds.back())) + "\n" +
          "default max  " + toolkit::format_bytes(default_cache_bytes()) +
          " (XPURT_CACHE_BYTES)\n");
  }
  return 0;
}

int verify(const CommandLine& line, const CacheOptions& options) {
  const ModelCache cache = options.cache();
  const auto entries = cache.verify();
  std::vector<CacheEntry> broken;
  for (const CacheEntry& entry : entries) {
    if (!entry.problem.empty()) broken.push_back(entry);
  }
  if (line.json) {
    print_json(cache_json(cache, entries));
  } else {
    print(table_text(broken) + std::to_string(entries.size() - broken.size()) + " of " +
          std::to_string(entries.size()) + " entries are whole\n");
  }
  return broken.empty() ? 0 : 1;
}

int prune(const CommandLine& line, const CacheOptions& options) {
  const ModelCache cache = options.cache();
  const auto removed = cache.prune(options.max_bytes);
  if (line.json) {
    print_json(cache_json(cache, removed));
  } else {
    print(table_text(removed) + "removed " + count_text(removed) + "; " +
          count_text(cache.entries()) + " left\n");
  }
  return 0;
}

}  // namespace

void add_cache_command(CommandLine& line) {
  const auto options = std::make_shared<CacheOptions>();
  CLI::App* group =
      line.app.add_subcommand("cache", "Look after the compiled models that are kept");
  group->require_subcommand(1);
  const auto add = [&](const char* name, const char* description, const char* example,
                       auto action) {
    CLI::App* part = add_command(
        line, name, description, example,
        [&line, options, action] { return action(line, *options); }, group);
    part->add_option("--cache-dir", options->folder, "The folder; not the user's own one")
        ->type_name("DIR");
    return part;
  };
  add("ls", "List what is kept, the one used last first", "xpurt cache ls --json", list);
  add("info", "Say where it is kept, and how much", "xpurt cache info", info);
  add("verify", "Check every byte; exit code 1 when an entry is damaged", "xpurt cache verify",
      verify);
  add("prune", "Remove damaged entries, and those used longest ago",
      "xpurt cache prune --max-size 1GB", prune)
      ->add_option("--max-size", options->max_bytes, "What may stay: 500MB, 2GB, 0, ...")
      ->type_name("SIZE")
      ->required()
      ->transform(CLI::AsSizeValue(false))
      ->transform(CLI::Validator(
          [](const std::string& size) {  // before the other one, which wraps around
            return std::string(size.starts_with('-') ? "expected a size, got " + size : "");
          },
          ""));
}

}  // namespace xpuruntime::xpurt
