// SPDX-License-Identifier: Apache-2.0
#include "settings.h"

#include <sched.h>

#include <charconv>
#include <functional>

namespace xpuruntime::worker_engine {
namespace {

using engine::Failure;
using engine::OptionSpec;

[[noreturn]] void refuse(std::string_view name, std::string_view value,
                         const std::string& expected) {
  throw Failure(XPURT_INVALID_ARGUMENT, "option '" + std::string(name) + "': expected " + expected +
                                            ", got '" + std::string(value) + "'");
}

template <typename Number>
Number number_of(std::string_view name, std::string_view value, const std::string& expected) {
  Number number{};
  const char* const end = value.data() + value.size();
  const auto [stop, error] = std::from_chars(value.data(), end, number);
  if (error != std::errc() || stop != end) refuse(name, value, expected);
  return number;
}

std::chrono::nanoseconds time_of(std::string_view name, std::string_view value) {
  const auto seconds = number_of<double>(name, value, "seconds");
  if (!(seconds > 0 && seconds <= 1e8)) refuse(name, value, "seconds, more than 0");
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(seconds));
}

/// "0-3,6".
std::vector<int> cpus_of(std::string_view name, std::string_view value) {
  constexpr const char* kForm = "processors as 0-3,6";
  std::vector<int> cpus;
  std::string_view rest = value;
  while (!rest.empty()) {
    const std::string_view part = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    const size_t dash = part.find('-');
    const auto first = number_of<int>(name, part.substr(0, dash), kForm);
    const auto last =
        dash == part.npos ? first : number_of<int>(name, part.substr(dash + 1), kForm);
    if (first < 0 || last < first || last >= CPU_SETSIZE) refuse(name, value, kForm);
    for (int cpu = first; cpu <= last; ++cpu) cpus.push_back(cpu);
  }
  return cpus;
}

struct Setting {
  OptionSpec spec;
  std::function<void(Settings&, std::string_view)> read;
};

Setting seconds(const char* name, const char* text, const char* doc,
                std::chrono::nanoseconds Settings::* to) {
  return {{name, XPURT_OPTION_FLOAT, text, doc, {}},
          [name, to](Settings& settings, std::string_view value) {
            settings.*to = time_of(name, value);
          }};
}

const std::vector<Setting>& table() {
  static const std::vector<Setting> all{
      {{"worker.transport", XPURT_OPTION_STRING, "shared_memory",
        "what carries tensors to the worker process and back", worker::transport_names()},
       [](Settings& to, std::string_view value) {
         const auto transport = worker::transport_named(value);
         if (!transport) refuse("worker.transport", value, "a transport");
         to.transport = *transport;
       }},
      {{"worker.address",
        XPURT_OPTION_STRING,
        "",
        "where the worker is met: 127.0.0.1:PORT for transport tcp, the absolute path of a folder "
        "for pipe; empty: anywhere",
        {}},
       [](Settings& to, std::string_view value) { to.address = value; }},
      {{"worker.contexts",
        XPURT_OPTION_INT,
        "0",
        "runs at once in the worker; 0: as the worker's process would do",
        {}},
       [](Settings& to, std::string_view value) {
         to.contexts = number_of<uint32_t>("worker.contexts", value, "0 or more");
       }},
      {{"worker.cache_dir",
        XPURT_OPTION_STRING,
        "",
        "where the worker keeps compiled models; empty: nowhere",
        {}},
       [](Settings& to, std::string_view value) { to.cache_dir = value; }},
      {{"worker.memory_limit",
        XPURT_OPTION_INT,
        "0",
        "bytes of address space that the worker may take; 0: no limit",
        {}},
       [](Settings& to, std::string_view value) {
         to.memory_limit = number_of<uint64_t>("worker.memory_limit", value, "bytes");
       }},
      {{"worker.cpus",
        XPURT_OPTION_STRING,
        "",
        "processors that the worker may run on, as 0-3,6; empty: all of this process",
        {}},
       [](Settings& to, std::string_view value) { to.cpus = cpus_of("worker.cpus", value); }},
      seconds("worker.start_timeout", "60", "seconds that the worker's program may take to start",
              &Settings::start_timeout),
      seconds("worker.load_timeout", "600", "seconds that it may take to load the model",
              &Settings::load_timeout),
      seconds("worker.run_timeout", "600",
              "seconds after which a worker that has not answered a run is killed",
              &Settings::run_timeout),
      seconds("worker.cancel_timeout", "10",
              "seconds after which a worker that goes on with a cancelled run is killed",
              &Settings::cancel_timeout),
  };
  return all;
}

void check_address(const Settings& settings) {
  if (settings.address.empty()) return;
  const std::string form = worker::Address::form(settings.transport);
  if (form.empty()) {
    const std::string transport(worker::name_of(settings.transport));
    throw Failure(XPURT_INVALID_ARGUMENT, "option 'worker.address': transport " + transport +
                                              " has no address, got '" + settings.address +
                                              "'; tcp and pipe have one");
  }
  if (!worker::Address::fits(settings.transport, settings.address)) {
    refuse("worker.address", settings.address, form);
  }
}

}  // namespace

std::vector<OptionSpec> setting_specs() {
  std::vector<OptionSpec> specs;
  for (const Setting& setting : table()) specs.push_back(setting.spec);
  return specs;
}

Settings default_settings() {
  Settings settings;
  for (const Setting& setting : table()) setting.read(settings, setting.spec.default_value);
  return settings;
}

Settings read_settings(const engine::LoadArgs& args) {
  Settings settings = default_settings();
  for (const Setting& setting : table()) {
    if (const auto value = args.option(setting.spec.name)) setting.read(settings, *value);
  }
  check_address(settings);
  return settings;
}

}  // namespace xpuruntime::worker_engine
