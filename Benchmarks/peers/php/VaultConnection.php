<?php
declare(strict_types=1);

/**
 * The call over a connection that the worker keeps from request to request: pfsockopen() is PHP's own way to that, and
 * HTTP/1.1 has to be spoken by hand on it.
 */
final class VaultConnection
{
    public static function post(string $url, string $accessToken): ?string
    {
        $parts = parse_url($url);
        $head = "POST {$parts['path']} HTTP/1.1\r\nHost: {$parts['host']}:{$parts['port']}\r\n"
            . "Authorization: Bearer $accessToken\r\nAccept: application/json\r\nContent-Length: 0\r\n\r\n";
        // A kept connection may have been closed at the other end meanwhile: then a second one is tried.
        for ($attempt = 0; $attempt < 2; $attempt++) {
            $stream = @pfsockopen($parts['host'], $parts['port'], $code, $message, 10);
            if ($stream === false) {
                return null;
            }
            stream_set_timeout($stream, 10);
            if (@fwrite($stream, $head) === strlen($head) && is_string($status = @fgets($stream))) {
                return self::read($stream, $status);
            }
            fclose($stream);
        }
        return null;
    }

    /** @param resource $stream */
    private static function read($stream, string $status): ?string
    {
        $length = 0;
        while (is_string($line = fgets($stream)) && $line !== "\r\n") {
            if (strncasecmp($line, 'content-length:', 15) === 0) {
                $length = (int) substr($line, 15);
            }
        }
        $body = $length > 0 ? stream_get_contents($stream, $length) : '';
        if ($line === false || $body === false || strlen($body) !== $length) {
            fclose($stream);
            return null;
        }
        return str_starts_with($status, 'HTTP/1.1 200') ? $body : null;
    }
}
