// SPDX-License-Identifier: Apache-2.0
#include "session_options.h"

#include <map>

#include "input_options.h"
#include "text_file.h"
#include "toolkit/golden.h"
#include "xpuruntime/error.h"
#include "xpuruntime/toolkit/gate.h"

namespace xpuruntime::xpurt {
namespace {

SessionConfig read_config(const std::string& path) {
  const std::string text = read_text_file("--config", path);
  try {
    return session_config_from_json(text);
  } catch (const InvalidArgumentError& error) {
    throw InvalidArgumentError("--config " + path + ": " + error.what());
  }
}

}  // namespace

std::map<std::string, std::string> pairs_of(const std::string& option, const std::string& form,
                                            const std::vector<std::string>& given) {
  std::map<std::string, std::string> pairs;
  for (const std::string& each : given) {
    const size_t equals = each.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw InvalidArgumentError(option + ": expected " + form + ", got '" + each + "'");
    }
    const std::string name = each.substr(0, equals);
    if (!pairs.emplace(name, each.substr(equals + 1)).second) {
      throw InvalidArgumentError(option + ": '" + name + "' is given twice");
    }
  }
  return pairs;
}

void SessionOptions::add_to(CLI::App& command) {
  command
      .add_option("--config", config_file,
                  "Settings as `tune` writes them; the other options go before them")
      ->type_name("FILE.json");
  command
      .add_option("--engine", engine, "Engine's name, or a path to one's plug-in; see `engines`")
      ->type_name("NAME|PATH")
      ->capture_default_str();
  command.add_option("--device", device, "cpu, cuda:0, intel_gpu:0, ..., or auto")
      ->type_name("DEVICE")
      ->capture_default_str();
  command.add_option("--fallback", fallback, "What may run instead, in order: ENGINE@DEVICE,...")
      ->type_name("LIST")
      ->delimiter(',')
      ->allow_extra_args(false);
  command.add_option("--threads", threads, "Threads of one run; 0: as many as there are cores")
      ->type_name("N")
      ->check(CLI::Range(0, 4096))
      ->capture_default_str();
  command.add_option("--precision", precision, "fp32, fp16, bf16: what the engine computes in")
      ->type_name("NAME");
  command
      .add_option("--fixed-shape", shapes,
                  "The shape that an input will have, for which the model may be built; may be "
                  "repeated")
      ->type_name("NAME=1,3,224,224")
      ->allow_extra_args(false);
  command
      .add_option("--kernel", kernels,
                  "Kernel that computes an operator, if the engine has several; may be repeated")
      ->type_name("OPERATOR=KERNEL")
      ->allow_extra_args(false);
  command
      .add_option("--cache-dir", cache_dir,
                  "Where compiled models are kept: a folder, none, or auto: the user's own, for "
                  "what takes long to build")
      ->type_name("DIR")
      ->capture_default_str();
  command.add_option("--option", engine_options, "Option of the engine; may be repeated")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  command.add_flag("--isolated", isolated,
                   "Run the engine in a process of its own, whose crash costs a run and no more");
  command
      .add_option("--transport", transport,
                  "To that process: shared_memory, unix, tcp, pipe, grpc or json_file")
      ->type_name("NAME");
  command.add_option("--python", python, "The Python that engine python runs in")
      ->type_name("PROGRAM");
  command
      .add_option("--model-factory", model_factory,
                  "What makes the model of engine python, whose weights the file has")
      ->type_name("MODULE:FUNCTION");
  tolerance.add_to(command, command
                                .add_option("--gate", gate,
                                            "Refuse a session whose outputs are not those of "
                                            "golden data (.npz, folder) or of another engine")
                                ->type_name("FILE|DIR|ENGINE"));
}

SessionConfig SessionOptions::config(const RandomOptions& random) const {
  SessionConfig config = config_file.empty() ? SessionConfig() : read_config(config_file);
  // What is written beside the file goes before what is in it.
  const SessionOptions unsaid;
  const auto said = [&](const auto SessionOptions::* option) {
    return this->*option != unsaid.*option;
  };
  if (said(&SessionOptions::engine)) config.engine = engine;
  if (said(&SessionOptions::device)) config.device = device;
  if (said(&SessionOptions::fallback)) config.fallback = fallback;
  if (said(&SessionOptions::threads)) config.threads = threads;
  if (said(&SessionOptions::precision)) config.precision = precision;
  if (said(&SessionOptions::shapes)) config.shapes = parse_shapes("--fixed-shape", shapes);
  if (said(&SessionOptions::cache_dir)) config.cache_dir = cache_dir == "none" ? "" : cache_dir;
  if (isolated) config.isolation = Isolation::kProcess;
  if (said(&SessionOptions::transport)) config.transport = transport;
  if (said(&SessionOptions::python)) config.python_executable = python;
  if (said(&SessionOptions::model_factory)) config.model_factory = model_factory;
  config.kernel_policy.merge(KernelPolicy(pairs_of("--kernel", "OPERATOR=KERNEL", kernels)));
  for (auto& [name, value] : pairs_of("--option", "NAME=VALUE", engine_options)) {
    config.engine_options[name] = value;
  }
  if (!gate.empty()) config.validators.push_back(make_gate(random));
  return config;
}

SessionValidator SessionOptions::make_gate(const RandomOptions& random) const {
  toolkit::GateOptions options{.tolerance = tolerance.tolerance(), .seed = random.seed};
  if (!toolkit::is_golden_data(gate)) options.shapes = random.request().shapes;
  options.threads = threads;
  return toolkit::gate(gate, options);
}

}  // namespace xpuruntime::xpurt
