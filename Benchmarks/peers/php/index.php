<?php
// The page in PHP, under PHP-FPM. The access token is kept in APCu; the connection to the vault is kept by the worker,
// through VaultConnection (see there) or, with VAULT_CLIENT=curl, by nobody: a curl handle ends with its request before
// PHP 8.5.
declare(strict_types=1);

require __DIR__ . '/AccessToken.php';
require __DIR__ . '/VaultConnection.php';
require __DIR__ . '/VaultCurl.php';

$access = AccessToken::cached();
$start = hrtime(true);
$url = getenv('TOKEN_VAULT_URL');
$answer = getenv('VAULT_CLIENT') === 'curl'
    ? VaultCurl::post($url, $access->token)
    : VaultConnection::post($url, $access->token);
$vaultTime = sprintf('%.1f ms', (hrtime(true) - $start) / 1e6);
$token = $answer === null ? null : (json_decode($answer, true)['Value']['AccessToken'] ?? null);

if (!is_string($token)) {
    http_response_code(502);
    header('Content-Type: text/plain');
    echo 'Something went wrong.';
    exit;
}

$principal = $access->principal;
$identityTime = $access->time;
$expiry = $access->expiry;
ob_start();
require getenv('TEMPLATE');
header('Content-Type: text/html; charset=utf-8');
header('Content-Length: ' . ob_get_length());
header('Vary: Accept');
header('Cache-Control: no-store');
header('X-Content-Type-Options: nosniff');
header("Content-Security-Policy: default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
    . "form-action 'none'; frame-ancestors 'none'");
header('Referrer-Policy: no-referrer');
ob_end_flush();
