// What `slwmi sim` writes beside its chart: the time series, the exchanges of all machines, and one
// machine's story.
#pragma once

#include <cstdio>
#include <memory>
#include <span>
#include <string>

#include "tools/cli/invocation.hpp"
#include "world/simulation/fuzz.hpp"
#include "world/simulation/machine_names.hpp"
#include "world/simulation/simulation.hpp"
#include "world/simulation/story.hpp"

namespace slwmi::tools {

// As JSON when the file's name ends in .json, else as CSV.
Result<> write_series(const std::string& path, std::span<const world::simulation::Sample> series);

// A CSV file of every exchange, written as they happen.
class ExchangeFile final : public world::simulation::Observer {
 public:
  static Result<std::unique_ptr<ExchangeFile>> open(const std::string& path, world::World& world,
                                                    FileTime start);
  ~ExchangeFile() override;
  void exchanged(const licensing::KmsExchange& exchange, std::string_view server) override;
  Result<> close();

 private:
  ExchangeFile(std::string path, world::World& world, FileTime start);

  std::string path_;
  world::simulation::MachineNames names_;
  FileTime start_;
  std::FILE* file_ = nullptr;
};

Outcome print_story(Invocation& in, std::span<const world::simulation::StoryLine> lines);
void print_totals(Invocation& in, const world::simulation::FuzzTotals& totals);

}  // namespace slwmi::tools
