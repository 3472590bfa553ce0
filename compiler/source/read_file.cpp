#include "source/read_file.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace sx {
namespace {

class Descriptor {
public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0)
      close(fd_);
  }
  int get() const { return fd_; }

private:
  int fd_;
};

using Failure = std::unexpected<ReadError>;

Failure failure(ReadError::Kind kind, std::string reason) {
  return Failure(ReadError{kind, std::move(reason)});
}

Failure system_failure(int error) {
  switch (error) {
  case ENOENT:
  case ENOTDIR: return failure(ReadError::Kind::NotFound, "there is no such file");
  case EACCES:
  case EPERM: return failure(ReadError::Kind::Denied, "permission is denied");
  case EISDIR: return failure(ReadError::Kind::Directory, "it is a directory");
  case ENXIO: return failure(ReadError::Kind::NotRegular, "it is not a regular file"); // a socket
  case ELOOP: return failure(ReadError::Kind::Other, "it is a symbolic link that leads nowhere");
  case ENAMETOOLONG: return failure(ReadError::Kind::Other, "the name is too long");
  default: return failure(ReadError::Kind::Other, std::generic_category().message(error));
  }
}

Failure too_large(std::size_t max_bytes) {
  return failure(ReadError::Kind::TooLarge, "it is larger than " + std::to_string(max_bytes) + " bytes");
}

/// Reads to the end of the file; stops as soon as `max_bytes` are exceeded, whatever the size was at opening.
std::expected<std::string, ReadError> read_all(int fd, std::size_t expected_bytes, std::size_t max_bytes) {
  constexpr std::size_t step = 64u << 10;
  std::string text;
  text.reserve(expected_bytes);
  std::size_t used = 0;
  for (;;) {
    text.resize(used + (used < expected_bytes ? expected_bytes - used : std::min(step, max_bytes - used + 1)));
    const ssize_t count = ::read(fd, text.data() + used, text.size() - used);
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return system_failure(errno);
    if (count == 0)
      break;
    used += static_cast<std::size_t>(count);
    if (used > max_bytes)
      return too_large(max_bytes);
  }
  text.resize(used);
  return text;
}

} // namespace

std::expected<std::string, ReadError> read_file(const std::string& path, std::size_t max_bytes) {
  if (path.contains('\0'))
    return failure(ReadError::Kind::NotFound, "the name contains a zero byte");
  // Without O_NONBLOCK opening a FIFO would wait for a writer.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  if (file.get() < 0)
    return system_failure(errno);
  struct stat status{};
  if (::fstat(file.get(), &status) != 0)
    return system_failure(errno);
  if (S_ISDIR(status.st_mode))
    return failure(ReadError::Kind::Directory, "it is a directory");
  if (!S_ISREG(status.st_mode))
    return failure(ReadError::Kind::NotRegular, "it is not a regular file");
  if (static_cast<std::uintmax_t>(status.st_size) > max_bytes)
    return too_large(max_bytes);
  return read_all(file.get(), static_cast<std::size_t>(status.st_size), max_bytes);
}

} // namespace sx
