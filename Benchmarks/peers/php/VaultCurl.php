<?php
declare(strict_types=1);

/** The call as most programs write it: a curl handle, and with it a connection, for every request. */
final class VaultCurl
{
    public static function post(string $url, string $accessToken): ?string
    {
        $curl = curl_init($url);
        curl_setopt_array($curl, [
            CURLOPT_POST => true,
            CURLOPT_POSTFIELDS => '',
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_PROXY => '',
            CURLOPT_TIMEOUT => 10,
            CURLOPT_HTTPHEADER => ["Authorization: Bearer $accessToken", 'Accept: application/json'],
        ]);
        $body = curl_exec($curl);
        return is_string($body) && curl_getinfo($curl, CURLINFO_RESPONSE_CODE) === 200 ? $body : null;
    }
}
