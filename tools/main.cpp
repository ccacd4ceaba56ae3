// The process around slwmi: standard streams, environment, terminal.
#include <cerrno>
#include <cstdlib>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tools/cli/slwmi.hpp"

namespace {

std::string read_standard_input() {
  char chunk[64 * 1024];
  for (;;) {
    const ssize_t got = ::read(STDIN_FILENO, chunk, sizeof chunk);
    if (got > 0) return {chunk, static_cast<std::size_t>(got)};
    if (got == 0 || errno != EINTR) return {};
  }
}

int terminal_columns() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace slwmi::tools;
  Writer out(STDOUT_FILENO);
  Writer err(STDERR_FILENO);
  const auto environment = [](const char* name) -> const char* { return std::getenv(name); };
  const bool out_is_terminal = ::isatty(STDOUT_FILENO) == 1;
  const Surroundings around{out,
                            err,
                            environment,
                            read_standard_input,
                            out_is_terminal,
                            ::isatty(STDERR_FILENO) == 1,
                            out_is_terminal ? terminal_columns() : 80};
  const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  int code = run_slwmi(words, around);
  if (!out.flush() && code == kDone) {
    err << "slwmi: cannot write to standard output\n";
    code = kFailed;
  }
  err.flush();
  // The world is closed; what the system takes back anyway is not freed one by one.
  std::_Exit(code);
}
